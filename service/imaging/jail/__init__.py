"""The walls around the process that opens a picture: no file, no network, no other program, only so much memory and time.

Each wall is put up by the kernel on this process's own request, holds for all its children, and can't be taken down again.
"""
