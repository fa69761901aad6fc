"""A language model, asked over any endpoint that speaks OpenAI's protocol, and never trusted."""
