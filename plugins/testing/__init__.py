"""Contract suites: subclass one in your tests to show that your plugin keeps its promise."""
