"""From decoded Kubernetes objects to the picture that the Status screen shows and `status` prints."""
