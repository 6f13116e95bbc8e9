"""What rule authors do: case pages, formatting, and the tools built on them."""
