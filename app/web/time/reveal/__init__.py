"""What an import opens: how many plays there are, and the first of them."""
