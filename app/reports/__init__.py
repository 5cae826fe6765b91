"""One function a page: fetch, compute, return one frozen report. Knows nothing of Flask."""
