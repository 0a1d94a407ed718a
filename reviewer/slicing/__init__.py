"""From an entry and a tree to self-contained C: preprocess, index, closure, emit."""
