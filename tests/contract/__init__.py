"""The contract that the project grew from: each test names its row."""
