"""The methods that PowerEmbed is compared with, on sparse matrices throughout."""
