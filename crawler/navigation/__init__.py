"""Finding a portal's columns: its navigation walked, from menus to lists."""
