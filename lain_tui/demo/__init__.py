"""The embedded cluster: a small Kubernetes API server with a living application in it.

It is a server at the end of a socket and nothing more: the product reaches it as it reaches any cluster, through a
kubeconfig. Nothing here imports the rest of lain-tui, and nothing there imports this but the command that starts it.

Rooms, from the bottom up:

- ``clock``, ``errors``, ``identity``, ``kinds``, ``queries``, ``schema``, ``selectors``, ``storage``: what an API server
  is made of.
- ``patch``, ``apply``, ``defaults``, ``validate``, ``api``: the verbs, worded and behaving as the real ones.
- ``engine``, ``controllers``, ``kubelet``: what makes the cluster live. All of it runs on one clock.
- ``http``: discovery, tables, watches, logs, exec, and the door for faults.
- ``seed``: the applications that live in it. A seed is lived through in simulated time, not painted.
"""
