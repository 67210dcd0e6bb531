"""A memory for other programs: a local MCP server over standard input and output.

`schemas` is what clients see, `tools` what each tool does, `server` the protocol around them,
`clients` the settings files of Claude Desktop, Cursor and others.
"""
