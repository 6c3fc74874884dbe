"""How each kind of file is put together: walked by its own rules, before anything is decoded."""
