"""Many pages: in order, over processes, from archives and folders, whatever a page does."""
