"""The words Dalel speaks: one file per prompt per language. Knows nothing of documents."""
