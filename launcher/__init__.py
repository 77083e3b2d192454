"""The commands: the embedded default, one service alone, and what a person needs beside them."""
