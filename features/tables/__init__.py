"""Tables as people and programs write them become validated rows."""
