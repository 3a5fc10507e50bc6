"""The baseline: the same three requests in the same shares, written as one would by hand."""

from locust import FastHttpUser, task


class BareUser(FastHttpUser):
    @task(6)
    def light(self) -> None:
        self.client.get("/light")

    @task(3)
    def medium(self) -> None:
        self.client.get("/medium")

    @task(1)
    def heavy(self) -> None:
        self.client.get("/heavy")
