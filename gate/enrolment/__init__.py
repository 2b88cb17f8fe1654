"""The enrolment desk: who may be enrolled, with whose consent, and the references made of them."""
