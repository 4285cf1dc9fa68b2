"""What a user has, as texts and teachers: files, folders, checkpoints of other libraries."""
