"""The LLVM backend: loops as machine code."""
