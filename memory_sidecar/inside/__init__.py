"""What the target's processes say of themselves: asked once a second, and between phases."""
