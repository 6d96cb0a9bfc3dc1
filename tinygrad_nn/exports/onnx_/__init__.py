"""A program as a graph of ONNX."""
