"""The memory: what happened and what is kept. It holds no rules, no HTTP and no templates."""
