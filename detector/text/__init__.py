"""Text that an extractor has made: cut into blocks, and each labelled without any markup."""
