"""Pages: one module per noun, each with the router of its routes.

A page reads its form (``forms``), calls functions of ``casework`` and ``evidence``, and renders its
template with values from ``views``. Every route is listed in ``hub/console/register.py``. A good
first page to read is ``overview.py``.
"""
