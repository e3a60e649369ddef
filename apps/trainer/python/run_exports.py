"""Runs exported networks in their frameworks.

Usage: run_exports.py pytorch|keras FOLDER...

Each folder holds images.bin (float32), shape.json (their shape) and the exported files. Prints a JSON list with, for each folder, a
list of outputs by way of loading: logits from PyTorch, probabilities from Keras, channels last.
"""

import importlib.util
import json
import os
import sys

import numpy as np

os.environ.setdefault("KERAS_BACKEND", "jax")


def module_of(path):
    spec = importlib.util.spec_from_file_location("exported", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run_pytorch(folder, images):
    import torch

    network = module_of(f"{folder}/pytorch_network.py").load(f"{folder}/model.safetensors")
    with torch.no_grad():
        logits = network(torch.from_numpy(images.transpose(0, 3, 1, 2).copy())).numpy()
    return [logits.transpose(0, 2, 3, 1) if logits.ndim == 4 else logits]


def run_keras(folder, images):
    import keras

    path = f"{folder}/model.keras"
    models = [keras.models.load_model(path), module_of(f"{folder}/keras_network.py").load(path)]
    return [np.asarray(model(images, training=False)) for model in models]


def main():
    framework, *folders = sys.argv[1:]
    run = {"pytorch": run_pytorch, "keras": run_keras}[framework]
    results = []
    for folder in folders:
        with open(f"{folder}/shape.json") as file:
            images = np.fromfile(f"{folder}/images.bin", dtype="<f4").reshape(json.load(file))
        results.append([output.ravel().tolist() for output in run(folder, images)])
    json.dump(results, sys.stdout)


main()
