"""The networks that are trained, on associative recall and on keep-n-th."""
