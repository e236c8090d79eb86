"""Golden vectors of EfficientNet-Lite0 and Lite2, by PyTorch.

    python3 efficientnet_lite.py FOLDER_WITH_THE_PUBLISHED_WEIGHTS

Writes efficientnet_lite{0,2}.safetensors beside itself. `image` is uint8 [64, 96, 3]; all other tensors are
float32, channels last: `stem`, `block0`..., `head` [h, w, channels], `pooled` [1280], `logits` [1000].
"""
import os
import sys

import torch
import torch.nn.functional as F

import tensorfile

FIRST_STRIDES = [1, 2, 2, 2, 1, 2, 1]
REPEATS = {0: [1, 2, 2, 3, 3, 4, 1], 2: [1, 3, 3, 4, 4, 5, 1]}


def pad_same(x, kernel, stride):
    """The TensorFlow rule: the odd pixel goes right and below."""
    pads = []
    for size in (x.shape[3], x.shape[2]):
        total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
        pads += [total // 2, total - total // 2]
    return F.pad(x, pads)


def golden(folder, variant, here):
    weights = {
        name: torch.from_numpy(array.copy())
        for name, array in tensorfile.read(f"{folder}/efficientnet_lite{variant}.safetensors").items()
    }

    def convolution(x, name, norm, stride=1, groups=1):
        weight = weights[name + ".weight"]
        x = F.conv2d(pad_same(x, weight.shape[-1], stride), weight, stride=stride, groups=groups)
        return F.batch_norm(
            x, weights[norm + ".running_mean"], weights[norm + ".running_var"],
            weights[norm + ".weight"], weights[norm + ".bias"], eps=1e-3)

    def channels_last(x):
        return x[0].permute(1, 2, 0).contiguous()

    pixels = tensorfile.image(64, 96)
    x = (torch.from_numpy(pixels).float() - 127) / 128
    x = x.permute(2, 0, 1)[None]
    out = {"image": pixels}

    x = F.relu6(convolution(x, "_conv_stem", "_bn0", stride=2))
    out["stem"] = channels_last(x)

    strides = []
    for first, repeats in zip(FIRST_STRIDES, REPEATS[variant]):
        strides += [first] + [1] * (repeats - 1)
    for index, stride in enumerate(strides):
        block, entry = f"_blocks.{index}", x
        if index > 0:
            x = F.relu6(convolution(x, block + "._expand_conv", block + "._bn0"))
        x = convolution(x, block + "._depthwise_conv", block + "._bn1", stride, groups=x.shape[1])
        x = convolution(F.relu6(x), block + "._project_conv", block + "._bn2")
        if stride == 1 and x.shape[1] == entry.shape[1]:
            x = x + entry
        out[f"block{index}"] = channels_last(x)

    x = F.relu6(convolution(x, "_conv_head", "_bn1"))
    out["head"] = channels_last(x)
    x = x.mean(dim=(2, 3))
    out["pooled"] = x[0]
    out["logits"] = (x @ weights["_fc.weight"].T + weights["_fc.bias"])[0]
    tensorfile.write(f"{here}/efficientnet_lite{variant}.safetensors", out, "efficientnet_lite.py")


torch.set_num_threads(1)
with torch.no_grad():
    for variant in (0, 2):
        golden(sys.argv[1], variant, os.path.dirname(os.path.abspath(__file__)))
