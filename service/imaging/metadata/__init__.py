"""What the camera and other programs wrote beside the pixels: found, read for a few facts, counted, and never passed on."""
