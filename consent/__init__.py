"""The rules: who may be shown where, decided from facts alone.

Pure by law (tests/guards): no clock, no dice, no file, no socket, no third party. Everything a decision depends on is handed
in as a ``Case``; everything that follows from it is in the ``Decision``. Start reading at ``case``, then ``rules``.
"""
