"""Front-end components of the desk: one Python face and one script each, nothing fetched from outside."""
