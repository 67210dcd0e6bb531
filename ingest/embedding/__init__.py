"""Texts to unit vectors, on this machine and without PyTorch.

`locate.find_embedder` says which model is at hand, or why none is; `pull` brings one. A model lives
in the model cache as one directory of graph, tokenizer and manifest, whose sums are checked each
time it is read (`cache.read_model`). Nothing heavy is imported before the first text is embedded.
"""
