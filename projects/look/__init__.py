"""How values look, the same on every page: plain functions, which projects/templatetags/look.py hands to templates."""
