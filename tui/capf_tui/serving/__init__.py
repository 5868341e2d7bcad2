"""The interface in browsers: one engine, and an application for each visitor."""
