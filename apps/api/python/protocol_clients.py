"""Asks a running service with an independent client of the Open Inference Protocol: tritonclient or kserve.

python3 protocol_clients.py tritonclient|kserve HOST:PORT

The service serves the marker model of src/testing: the answer is the row of the lit pixel in the first column. Prints one JSON object.
"""

import asyncio
import json
import sys

import numpy


def marked(digits, value, dtype):
    images = numpy.zeros((len(digits), 28, 28, 1), dtype=dtype)
    for i, digit in enumerate(digits):
        images[i, digit, 0, 0] = value
    return images


def ask_tritonclient(address):
    from tritonclient.http import InferenceServerClient, InferInput, InferRequestedOutput

    client = InferenceServerClient(address)
    answers = {
        "live": client.is_server_live(),
        "ready": client.is_server_ready(),
        "modelReady": client.is_model_ready("digits", "1"),
        "extensions": client.get_server_metadata()["extensions"],
        "inputs": client.get_model_metadata("digits")["inputs"],
    }
    digits = [3, 1, 4, 1, 5]
    for datatype, dtype, value in (("FP32", numpy.float32, 1), ("UINT8", numpy.uint8, 255)):
        for binary in (True, False):
            tensor = InferInput("images", [len(digits), 28, 28, 1], datatype)
            tensor.set_data_from_numpy(marked(digits, value, dtype), binary_data=binary)
            names = ("digit", "probabilities", "rejected")
            outputs = [InferRequestedOutput(name, binary_data=binary) for name in names]
            result = client.infer("digits", [tensor], outputs=outputs, request_id="q")
            answers[f"{datatype} as {'bytes' if binary else 'JSON'}"] = {
                "id": result.get_response()["id"],
                "digit": result.as_numpy("digit").tolist(),
                "best": result.as_numpy("probabilities").argmax(axis=1).tolist(),
                "rejected": result.as_numpy("rejected").tolist(),
            }
    return answers


async def ask_kserve(address):
    from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig
    from kserve.constants.constants import PredictorProtocol

    base = f"http://{address}"
    client = InferenceRESTClient(RESTConfig(protocol=PredictorProtocol.REST_V2, retries=0))
    answers = {
        "live": await client.is_server_live(base),
        "ready": await client.is_server_ready(base),
        "modelReady": await client.is_model_ready(base, "digits"),
    }
    for binary in (True, False):
        tensor = InferInput("images", [2, 28, 28, 1], "FP32")
        tensor.set_data_from_numpy(marked([9, 2], 1, numpy.float32), binary_data=binary)
        response = await client.infer(base, InferRequest("digits", [tensor]), model_name="digits")
        found = {output.name: output for output in response.outputs}
        answers["FP32 as bytes" if binary else "FP32 as JSON"] = {
            "digit": numpy.asarray(found["digit"].as_numpy()).tolist(),
            "shape": list(found["logits"].shape),
        }
    return answers


client, address = sys.argv[1:]
answers = ask_tritonclient(address) if client == "tritonclient" else asyncio.run(ask_kserve(address))
print(json.dumps(answers))
