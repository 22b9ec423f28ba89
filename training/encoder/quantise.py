"""Eight-bit weights for an ONNX encoder, in a way that keeps every text independent.

onnxruntime's own dynamic quantisation scales a whole batch by its largest activation, so a text's
vector would depend on what it was scored with (measured: up to 0.01 a component). Here every
token's row gets its own scale; a vector then is the same whatever else is in the batch, and as
outliers stay in their rows, the result is closer to float32 too.
"""

from collections.abc import Iterable

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from features.schema import FloatArray
from training.encoder.onnx_graph import MICROSOFT, SCALE, Graph

MIDDLE = 128
"""The unsigned byte that stands for zero where a row may reach as far below as above."""

GELU_ZERO = 32
"""The same after GELU, which never goes below -0.17: leaves 223 of 255 steps for what is above."""

GELU_LOWEST = 0.17


def quantise(model: onnx.ModelProto) -> onnx.ModelProto:
    """Store matrices and the word embeddings as int8, one scale per output or per piece.

    Parameters
    ----------
    model
        Float32; any graph. Only products with a stored matrix and look-ups in a stored table of
        a thousand rows or more change.

    Returns
    -------
    onnx.ModelProto
        A new model. A weight keeps its name; its scales are stored beside it as `<name>.scale`.
    """
    return _Pass(model).run()


def rows_to_int8(rows: FloatArray) -> tuple[NDArray[np.int8], FloatArray]:
    """Quantise (n, k) by row: int8 (n, k) and scales (n, 1), so that int8 x scale ~ rows."""
    peak = np.abs(rows).max(axis=1, keepdims=True)
    scale = np.where(peak > 0, peak / 127, 1).astype(np.float32)
    return np.rint(rows / scale).astype(np.int8), scale


class _Pass:
    def __init__(self, model: onnx.ModelProto) -> None:
        self.model = model
        self.stored = {item.name: item for item in model.graph.initializer}
        self.makers = {out: node.op_type for node in model.graph.node for out in node.output}
        self.graph = Graph()
        self.rows: dict[str, tuple[str, str, str]] = {}
        self.flat = _matrices(model)

    def run(self) -> onnx.ModelProto:
        for node in self.model.graph.node:
            if node.op_type == "MatMul" and self.is_stored(node.input[1], least=1):
                self.product(node)
            elif node.op_type == "Gather" and self.is_stored(node.input[0], least=1000):
                self.look_up(node)
            else:
                self.graph.nodes.append(node)
        return self.finished()

    def is_stored(self, name: str, least: int) -> bool:
        found = self.stored.get(name)
        return (
            found is not None
            and found.data_type == onnx.TensorProto.FLOAT
            and len(found.dims) == 2
            and found.dims[0] >= least
        )

    def look_up(self, node: onnx.NodeProto) -> None:
        table, ids = node.input
        values, scale = rows_to_int8(numpy_helper.to_array(self.stored[table]))
        graph, name = self.graph, node.output[0]
        bytes_ = graph.node("Gather", [graph.constant(table, values), ids], f"{name}.bytes")
        scales = graph.node("Gather", [graph.constant(table + SCALE, scale), ids], f"{name}.scales")
        floats = graph.node("Cast", [bytes_], f"{name}.floats", to=onnx.TensorProto.FLOAT)
        graph.node("Mul", [floats, scales], name)

    def product(self, node: onnx.NodeProto) -> None:
        x, weight = node.input
        graph, name = self.graph, node.output[0]
        values, scale = rows_to_int8(numpy_helper.to_array(self.stored[weight]).T)
        matrix = graph.constant(weight, values.T)
        columns = graph.constant(weight + SCALE, scale[:, 0])
        if x not in self.rows:
            self.rows[x] = self.row_bytes(x, values.shape[1])
        bytes_, steps, zero = self.rows[x]
        inputs = [bytes_, matrix, self.one(), columns, zero]
        raw = graph.node("MatMulIntegerToFloat", inputs, f"{name}.raw", MICROSOFT)
        if x in self.flat:
            graph.node("Mul", [raw, steps], name)
            return
        scaled = graph.node("Mul", [raw, steps], f"{name}.scaled")
        graph.node("Reshape", [scaled, self.shape_like(x, values.shape[0])], name)

    def row_bytes(self, x: str, width: int) -> tuple[str, str, str]:
        """Add the nodes that turn `x` into bytes; the bytes, their scales and their zero."""
        graph = self.graph
        rows = x if x in self.flat else graph.node("Reshape", [x, graph.ints(-1, width)], f"{x}.2d")
        steps, middle = self.steps(rows, self.makers.get(x))
        zero = graph.constant(f"zero_{middle}", np.uint8(middle))
        size = graph.node("Shape", [steps], f"{x}.rows")
        zeros = graph.node("Expand", [zero, size], f"{x}.zeros")
        bytes_ = graph.node("QuantizeLinear", [rows, steps, zeros], f"{x}.bytes", axis=0)
        column = graph.node("Unsqueeze", [steps, graph.ints(1)], f"{x}.steps")
        return bytes_, column, zero

    def steps(self, rows: str, maker: str | None) -> tuple[str, int]:
        """Add the nodes that find every row's scale; returns it with the byte for zero."""
        graph = self.graph
        high = graph.node("ReduceMax", [rows, graph.ints(-1)], f"{rows}.high", keepdims=0)
        if maker == "Gelu":
            share = graph.constant("gelu_step", np.float32(1 / (255 - GELU_ZERO)))
            step = graph.node("Mul", [high, share], f"{rows}.wanted")
            least = graph.constant("gelu_least", np.float32(GELU_LOWEST / GELU_ZERO))
            return graph.node("Max", [step, least], f"{rows}.step"), GELU_ZERO
        low = graph.node("ReduceMin", [rows, graph.ints(-1)], f"{rows}.low", keepdims=0)
        depth = graph.node("Neg", [low], f"{rows}.depth")
        tiny = graph.constant("tiny", np.float32(1e-12))
        peak = graph.node("Max", [high, depth, tiny], f"{rows}.peak")
        share = graph.constant("step", np.float32(1 / 127))
        return graph.node("Mul", [peak, share], f"{rows}.step"), MIDDLE

    def one(self) -> str:
        return self.graph.constant("scale_one", np.float32(1))

    def shape_like(self, x: str, width: int) -> str:
        graph = self.graph
        lead = graph.node("Shape", [x], f"{x}.lead.{width}.{len(graph.nodes)}", start=0, end=-1)
        return graph.node("Concat", [lead, graph.ints(width)], f"{lead}.shape", axis=0)

    def finished(self) -> onnx.ModelProto:
        used = {name for node in self.graph.nodes for name in node.input}
        kept = [
            item
            for name, item in self.stored.items()
            if name in used and name not in self.graph.constants
        ]
        old = self.model.graph
        graph = helper.make_graph(
            self.graph.nodes,
            old.name,
            old.input,
            old.output,
            [*kept, *self.graph.constants.values()],
        )
        domains = {item.domain: item for item in self.model.opset_import}
        domains.setdefault(MICROSOFT, helper.make_opsetid(MICROSOFT, 1))
        return helper.make_model(
            graph, opset_imports=list(domains.values()), ir_version=self.model.ir_version
        )


def _matrices(model: onnx.ModelProto) -> set[str]:
    """The names of values that are known to have two axes."""
    inferred = onnx.shape_inference.infer_shapes(model)
    known: Iterable[onnx.ValueInfoProto] = [*inferred.graph.value_info, *inferred.graph.input]
    return {
        item.name
        for item in known
        if item.type.tensor_type.HasField("shape") and len(item.type.tensor_type.shape.dim) == 2
    }
