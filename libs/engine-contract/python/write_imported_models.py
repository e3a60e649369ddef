"""Writes models of other frameworks for import.spec.ts, with what they answer to random images.

Usage: write_imported_models.py pytorch|keras FILE

PyTorch 1.13 and Keras 3.15 (KERAS_BACKEND=jax) wrote the committed files. Images and answers are listed with channels last.
"""

import base64
import io
import json
import os
import sys
import tempfile

import numpy as np

os.environ.setdefault("KERAS_BACKEND", "jax")


def case(title, name, data, images, answers):
    return {
        "title": title,
        "name": name,
        "file": base64.b64encode(data).decode(),
        "shape": list(images.shape),
        "images": [round(float(value), 6) for value in images.ravel()],
        "probabilities": [float(value) for value in answers.ravel()],
    }


def images_of(shape, seed=1):
    return np.random.default_rng(seed).random(shape).round(6).astype("float32")


def pytorch_models():
    import torch
    from torch import nn

    torch.manual_seed(1)

    class View(nn.Module):
        def forward(self, x):
            return x.view(x.size(0), -1)

    class Normalise(nn.Module):
        def forward(self, x):
            return (x - 0.1307) / 0.3081

    yield "a convolutional network with log_softmax", (1, 10, 9), nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 5, 3, stride=2, padding=1), nn.ReLU(),
        nn.Dropout(0.5), nn.Flatten(), nn.Linear(5 * 3 * 2, 6), nn.ReLU(), nn.Linear(6, 3), nn.LogSoftmax(dim=1),
    )  # fmt: skip
    yield "normalised images of three channels, flattened by a view", (3, 7, 6), nn.Sequential(
        Normalise(), nn.Conv2d(3, 4, (2, 3), bias=False), View(), nn.BatchNorm1d(4 * 6 * 4), nn.Linear(4 * 6 * 4, 4, bias=False),
    )  # fmt: skip
    yield "depthwise and grouped convolutions, and means", (4, 9, 8), nn.Sequential(
        nn.Conv2d(4, 8, 3, groups=4, padding=1), nn.ReLU(), nn.Conv2d(8, 6, 1, groups=2), nn.AvgPool2d(2),
        nn.ZeroPad2d((1, 2, 0, 1)), nn.Conv2d(6, 5, 3), nn.ReLU(), nn.MaxPool2d(3, stride=2, padding=1), nn.AvgPool2d(3, stride=1, padding=1),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Softmax(dim=1),
    )  # fmt: skip
    yield "vectors alone", (1, 4, 4), nn.Sequential(nn.Flatten(), nn.Linear(16, 5), nn.ReLU(), nn.Linear(5, 2))


def write_pytorch():
    import torch
    from torch import nn

    for title, shape, network in pytorch_models():
        for module in network.modules():
            if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
                module.running_mean.uniform_(-0.2, 0.2)
                module.running_var.uniform_(0.5, 1.5)
                nn.init.uniform_(module.weight, 0.5, 1.5)
        network.eval()
        images = torch.from_numpy(images_of((3, *shape)))
        file = io.BytesIO()
        torch.onnx.export(network, images, file, input_names=["x"], dynamic_axes={"x": {0: "n"}}, opset_version=13)
        with torch.no_grad():
            answers = network(images)
        last = network[-1]
        answers = answers if isinstance(last, nn.Softmax) else torch.softmax(answers, dim=1)
        yield case(title, "network.onnx", file.getvalue(), images.numpy().transpose(0, 2, 3, 1), answers.numpy())


def keras_models():
    import keras
    from keras import layers

    yield "fused activations, pooling and padding", keras.Sequential([
        keras.Input((9, 8, 2)), layers.Rescaling(1 / 255), layers.Conv2D(5, 3, padding="same", activation="relu"),
        layers.AveragePooling2D(3, strides=2, padding="same"), layers.ZeroPadding2D(((0, 1), (2, 0))), layers.MaxPooling2D(), layers.Flatten(),
        layers.Dropout(0.2), layers.Dense(4, activation="relu"), layers.Dense(3, activation="softmax"),
    ])  # fmt: skip
    x = inputs = keras.Input((10, 9, 3))
    x = layers.SeparableConv2D(4, 3, depth_multiplier=2)(x)
    x = layers.BatchNormalization(scale=False)(x)
    x = layers.ReLU()(x)
    x = layers.DepthwiseConv2D(3, strides=2, padding="same", depth_multiplier=2)(x)
    x = layers.BatchNormalization(center=False)(x)
    x = layers.Conv2D(6, 1, groups=2)(x)
    x = layers.GlobalAveragePooling2D()(x)
    yield "separable, depthwise and grouped convolutions", keras.Model(inputs, layers.Dense(3, activation="softmax")(x))


def write_keras():
    import keras

    for title, model in keras_models():
        rng = np.random.default_rng(2)
        model.set_weights([np.abs(w + rng.uniform(-0.1, 0.3, w.shape)).astype("float32") for w in model.get_weights()])
        shape = model.input_shape[1:]
        images = images_of((3, *shape))
        # A model that begins by dividing by 255 takes pixels.
        pixels = images * 255 if any(isinstance(layer, keras.layers.Rescaling) for layer in model.layers) else images
        answers = model.predict(pixels, verbose=0)
        for ending in (".keras", ".h5"):
            with tempfile.TemporaryDirectory() as folder:
                path = f"{folder}/network{ending}"
                model.save(path)
                with open(path, "rb") as file:
                    yield case(title, f"network{ending}", file.read(), images, answers)


def main():
    framework, path = sys.argv[1:]
    cases = list({"pytorch": write_pytorch, "keras": write_keras}[framework]())
    with open(path, "w") as file:
        json.dump(cases, file, indent=None, separators=(",", ":"))
        file.write("\n")


main()
