"""What the lessons on image networks share: the picture, the network that is shown it, its gradients and its maps."""
