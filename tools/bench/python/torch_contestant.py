"""PyTorch as a contestant of the bench: JSON lines in, JSON lines out (src/protocol.ts says which)."""

import json
import os
import sys
import time

SAMPLE_STRIDE = 7919
NUM_CHECKED = 2


def reply(result=None, error=None):
    print(json.dumps({"ok": True, "result": result} if error is None else {"ok": False, "error": error}), flush=True)


try:
    import numpy as np
    import torch
    from torch import nn
except ImportError as error:
    reply(error=f"{sys.executable}: {error}")
    sys.exit(0)


def same_padding(size, stride, height_or_width):
    """Padding on either side that equals TensorFlow's "same"; refused where TensorFlow's is lopsided."""
    outputs = -(-height_or_width // stride)
    total = max((outputs - 1) * stride + size - height_or_width, 0)
    if total % 2:
        raise ValueError(f"padding must be even, got {total}")
    return total // 2


def build(architecture):
    """The network as nn.Sequential, and for each layer with weights its name, its module and the image shape it gets."""
    height, width, channels = architecture["inputShape"]
    flat, modules, weighted, image = None, [], [], None
    for layer in architecture["layers"]:
        kind = layer["type"]
        if kind in ("conv2d", "maxPooling2d"):
            size = layer["kernelSize" if kind == "conv2d" else "poolSize"]
            stride = layer["strides"]
            sides = zip(size, stride, (height, width))
            padding = [same_padding(*side) for side in sides] if layer["padding"] == "same" else [0, 0]
            height, width = [(n + 2 * p - k) // s + 1 for n, p, k, s in zip((height, width), padding, size, stride)]
        if kind == "conv2d":
            module = nn.Conv2d(channels, layer["filters"], size, stride, padding, bias=layer["useBias"])
            channels = layer["filters"]
        elif kind == "maxPooling2d":
            module = nn.MaxPool2d(size, stride, padding)
        elif kind == "batchNormalization":
            normalisation = nn.BatchNorm2d if flat is None else nn.BatchNorm1d
            module = normalisation(flat or channels, eps=layer["epsilon"], momentum=1 - layer["momentum"])
        elif kind == "relu":
            module = nn.ReLU(inplace=True)
        elif kind == "globalAveragePooling2d":
            module, flat = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()), channels
        elif kind == "flatten":
            module, flat, image = nn.Flatten(), height * width * channels, (height, width, channels)
        elif kind == "dropout":
            module = nn.Dropout(layer["rate"])
        elif kind == "dense":
            module, flat = nn.Linear(flat, layer["units"], bias=layer["useBias"]), layer["units"]
        else:
            raise ValueError(f"layer type must be known, got {kind}")
        modules.append(module)
        weighted.append((layer["name"], module, image if kind == "dense" else None))
        if kind == "dense":
            image = None
    return nn.Sequential(*modules), weighted


def load_weights(weighted, files):
    """TensorFlow's layouts to PyTorch's: HWIO to OIHW, dense [in, out] to [out, in] with the rows of a flattened image reordered."""
    values = torch.from_numpy(np.fromfile(files["weights"], dtype=np.float32))
    by_name, start = {}, 0
    for tensor in files["tensors"]:
        size = int(np.prod(tensor["shape"]))
        by_name[tensor["name"]] = values[start : start + size].view(tensor["shape"])
        start += size
    roles = {"bias": "bias", "gamma": "weight", "beta": "bias", "moving_mean": "running_mean", "moving_variance": "running_var"}
    with torch.no_grad():
        for name, module, image in weighted:
            for role, attribute in roles.items():
                if f"{name}/{role}" in by_name:
                    getattr(module, attribute).copy_(by_name[f"{name}/{role}"])
            kernel = by_name.get(f"{name}/kernel")
            if kernel is None:
                continue
            if kernel.dim() == 4:
                kernel = kernel.permute(3, 2, 0, 1)
            elif image is not None:
                kernel = kernel.view(*image, -1).permute(3, 2, 0, 1).flatten(1)
            else:
                kernel = kernel.t()
            module.weight.copy_(kernel)


def make_optimizer(model, task):
    """AdamW in its quickest form (fused where this version has it); weight decay for kernels only."""
    settings = task["optimizer"]
    kernels = [p for p in model.parameters() if p.dim() > 1]
    others = [p for p in model.parameters() if p.dim() <= 1]
    groups = [{"params": kernels, "weight_decay": settings["weightDecay"]}, {"params": others, "weight_decay": 0.0}]
    options = {
        "lr": task["learningRate"],
        "betas": (settings["beta1"], settings["beta2"]),
        "eps": settings["epsilon"],
    }
    for quickest in ({"fused": True}, {"foreach": "foreach" in task["variant"]}):
        try:
            return torch.optim.AdamW(groups, **options, **quickest)
        except (TypeError, RuntimeError):
            continue
    return torch.optim.AdamW(groups, **options)


class Workload:
    """One task: its model, its data, and where in the data it stands."""

    def __init__(self, task):
        torch.set_num_threads(task["threads"])
        files = task["files"]
        shape = task["architecture"]["inputShape"]
        self.batch_size, self.num_images = task["batchSize"], files["numImages"]
        self.format = torch.channels_last if "channels_last" in task["variant"] else torch.contiguous_format
        images = torch.from_numpy(np.fromfile(files["images"], dtype=np.uint8)).view(-1, *shape).permute(0, 3, 1, 2)
        self.images = images.contiguous(memory_format=self.format)
        self.labels = torch.from_numpy(np.fromfile(files["labels"], dtype=np.uint8).astype(np.int64))
        self.order = torch.arange(self.num_images) * SAMPLE_STRIDE % self.num_images
        self.position = 0
        self.model, weighted = build(task["architecture"])
        load_weights(weighted, files)
        self.model = self.model.to(memory_format=self.format)

    def normalised(self, samples):
        batch = self.images.index_select(0, samples).float().mul_(1 / 255)
        return batch.contiguous(memory_format=self.format)

    def run(self, seconds):
        amount, start, before = 0, time.perf_counter(), time.process_time()
        while True:
            self.step()
            amount += self.batch_size
            elapsed = time.perf_counter() - start
            if elapsed >= seconds:
                processor_seconds = time.process_time() - before
                times = {"seconds": elapsed, "processorSeconds": processor_seconds}
                return {"amount": amount, **times, **resident_memory()}


class Training(Workload):
    def __init__(self, task):
        super().__init__(task)
        self.model.train()
        self.optimizer = make_optimizer(self.model, task)
        self.loss = nn.CrossEntropyLoss(label_smoothing=task["labelSmoothing"])
        self.outcome = [self.step().item() for _ in range(NUM_CHECKED)]

    def step(self):
        if self.position + self.batch_size > self.num_images:
            self.position = 0
        samples = self.order[self.position : self.position + self.batch_size]
        self.position += self.batch_size
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss(self.model(self.normalised(samples)), self.labels.index_select(0, samples))
        loss.backward()
        self.optimizer.step()
        return loss.detach()


class Prediction(Workload):
    NUM_BATCHES = 4

    def __init__(self, task):
        super().__init__(task)
        self.model.eval()
        with torch.inference_mode():
            batches = self.order[: self.NUM_BATCHES * self.batch_size].split(self.batch_size)
            self.batches = [self.normalised(samples) for samples in batches]
            if "jit" in task["variant"]:
                with torch.no_grad():
                    traced = torch.jit.freeze(torch.jit.trace(self.model, self.batches[0]))
                    self.model = torch.jit.optimize_for_inference(traced)
                for _ in range(3):  # the tracing executor optimises in its first calls
                    self.model(self.batches[0])
            self.outcome = self.model(self.normalised(self.order[:NUM_CHECKED])).flatten().tolist()
            self.singles = [image.contiguous(memory_format=self.format) for image in self.batches[0].split(1)]

    def step(self):
        with torch.inference_mode():
            self.model(self.batches[self.position % self.NUM_BATCHES])
        self.position += 1

    def latency(self, calls):
        durations = []
        with torch.inference_mode():
            for call in range(calls):
                image = self.singles[call % len(self.singles)]
                start = time.perf_counter()
                self.model(image)
                durations.append((time.perf_counter() - start) * 1e3)
        return {"durationsMs": durations}


def resident_memory():
    """Resident bytes now and at their highest; zeros where the system does not say."""
    try:
        import resource

        with open("/proc/self/statm", encoding="ascii") as statm:
            now = int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        return {"residentBytes": now, "maxResidentBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}
    except (ImportError, OSError):
        return {"residentBytes": 0, "maxResidentBytes": 0}


def serve():
    torch.set_flush_denormal(True)
    reply(
        {
            "version": f"PyTorch {torch.__version__}",
            "variants": {
                "train": ["contiguous", "contiguous foreach", "channels_last", "channels_last foreach"],
                "predict": ["contiguous", "contiguous jit", "channels_last", "channels_last jit"],
            },
        }
    )
    workload = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["op"] == "prepare":
                workload = None
                workload = (Training if request["task"]["kind"] == "train" else Prediction)(request["task"])
                reply({"outcome": workload.outcome})
            elif request["op"] == "run":
                reply(workload.run(request["seconds"]))
            else:
                reply(workload.latency(request["calls"]))
        except Exception as error:  # every failure of a request is told, and the next request served
            reply(error=f"{type(error).__name__}: {error}".splitlines()[0])


serve()
