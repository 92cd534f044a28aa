"""The HTTP side: from requests to verbs, and from objects to answers."""
