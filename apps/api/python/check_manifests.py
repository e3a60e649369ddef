"""Checks manifests against the schemas that kubernetes-validate and kserve bring along; needs no cluster.

python3 check_manifests.py KUBERNETES_FILE KSERVE_FILE
"""

import sys

import kubernetes_validate
import yaml
from kserve import V1beta1InferenceService, V1beta1InferenceServiceSpec, V1beta1PredictorSpec

kubernetes_file, kserve_file = sys.argv[1:]
with open(kubernetes_file, encoding="utf8") as file:
    for document in yaml.safe_load_all(file):
        kubernetes_validate.validate(document, "1.31", strict=True)
        print(document["kind"])

with open(kserve_file, encoding="utf8") as file:
    service = yaml.safe_load(file)
known = set(V1beta1InferenceService.attribute_map.values())
assert set(service) <= known, f"unknown fields {set(service) - known}"
spec = set(V1beta1InferenceServiceSpec.attribute_map.values())
assert set(service["spec"]) <= spec, f"unknown fields {set(service['spec']) - spec}"
predictor = service["spec"]["predictor"]
fields = set(V1beta1PredictorSpec.attribute_map.values())
assert set(predictor) <= fields, f"unknown fields {set(predictor) - fields}"
# A predictor has the fields of a pod, besides its own.
own = {"minReplicas", "maxReplicas"}
pod_spec = {name: value for name, value in predictor.items() if name not in own}
pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": pod_spec}
kubernetes_validate.validate(pod, "1.31", strict=True)
print(service["kind"])
