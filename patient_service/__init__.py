"""Patients: who they are, and the medical history that nobody else keeps."""
