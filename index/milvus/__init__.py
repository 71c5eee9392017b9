"""The vectors and BM25 weights of generations in Milvus, for a corpus that many machines serve."""
