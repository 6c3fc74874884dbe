"""The doors: command line, HTTP, pages, imports, and the steps a photo takes between them."""
