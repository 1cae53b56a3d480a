"""python-gitlab as Debian packages it, against the address and the token that are given; writes what it has got as JSON."""

import json
import sys
import time

import gitlab

url, token = sys.argv[1:3]
gl = gitlab.Gitlab(url, private_token=token)
gl.auth()
got = {"user": gl.user.username, "version": gl.version()[0]}
project = gl.projects.get("group/app")


def finished(pipeline):
    while pipeline.status not in ("success", "failed", "canceled"):
        time.sleep(0.05)
        pipeline.refresh()
    return pipeline.status


# The flow of its documentation: look for the trigger in the list, make it when it is not there, use its token.
trigger = next((t for t in project.triggers.list(iterator=True) if t.description == "my_trigger"), None)
got["no trigger yet"] = trigger is None
project.triggers.create({"description": "my_trigger"})
trigger = next(t for t in project.triggers.list(iterator=True) if t.description == "my_trigger")
trigger.description = "renamed"
trigger.save()
pipeline = project.trigger_pipeline("main", trigger.token, variables={"TARGET": "prod"})
got["trigger"] = [pipeline.source, pipeline.ref, pipeline.status]
got["status"] = finished(pipeline)
got["variables"] = [v.key for v in pipeline.variables.list(get_all=True)]
got["jobs"] = [j.name for j in pipeline.jobs.list(get_all=True)]
got["bridges"] = pipeline.bridges.list(get_all=True)
got["report"] = pipeline.test_report.get().total_count
build = next(j for j in pipeline.jobs.list(iterator=True) if j.name == "build")
job = project.jobs.get(build.id)
got["log"] = job.trace().decode()
got["archive"] = job.artifacts()[:2].decode()
got["file"] = job.artifact("out/app.txt").decode()
got["archive of ref"] = project.artifacts.download(ref_name="main", job="build")[:2].decode()
got["file of ref"] = project.artifacts.raw(ref_name="main", artifact_path="out/app.txt", job="build").decode()
job.keep_artifacts()
plain = project.trigger_pipeline("main", trigger.token)
got["without variables"] = finished(plain)
trigger.delete()
got["triggers left"] = len(project.triggers.list(get_all=True))
try:
    project.trigger_pipeline("main", trigger.token)
except gitlab.exceptions.GitlabHttpError as error:
    got["revoked"] = [error.response_code, error.error_message]
except gitlab.exceptions.GitlabError as error:
    got["revoked"] = [error.response_code, error.error_message]

made = project.pipelines.create({"ref": "main", "variables": [{"key": "TARGET", "value": "api"}]})
got["api"] = [made.source, finished(made)]
made.cancel()
made.retry()
got["pages"] = [p.id for p in project.pipelines.list(per_page=1, iterator=True)] == [
    p.id for p in project.pipelines.list(per_page=100, get_all=False)
]
job.erase()
made.delete()

schedule = project.pipelineschedules.create({"ref": "main", "description": "daily", "cron": "0 1 * * *"})
schedule.cron = "1 2 * * *"
schedule.save()
schedule.variables.create({"key": "TARGET", "value": "night"})
# play() puts the answer, which is a message, in the place of the attributes.
schedule_id = schedule.id
schedule.play()
while not project.pipelines.list(source="schedule", get_all=True):
    time.sleep(0.05)
schedule = project.pipelineschedules.get(schedule_id)
got["schedule"] = [schedule.cron, schedule.attributes["variables"][0]["value"], schedule.owner["username"]]
schedule.take_ownership()
schedule.variables.delete("TARGET")
schedule.delete()
got["schedules left"] = len(project.pipelineschedules.list(get_all=True))

variable = project.variables.create({"key": "SECRET", "value": "hush-hush", "masked": True})
variable.value = "hush-hush-2"
variable.save()
got["variable"] = [project.variables.get("SECRET").value, project.variables.get("SECRET").masked]
project.variables.create({"key": "SECRET", "value": "p", "environment_scope": "prod"})
got["scoped"] = project.variables.get("SECRET", filter={"environment_scope": "prod"}).value
for one in project.variables.list(get_all=True):
    project.variables.delete(one.key, filter={"environment_scope": one.environment_scope})
got["variables left"] = len(project.variables.list(get_all=True))

got["lint"] = project.ci_lint.create({"content": "a: {script: [x]}"}).valid
got["lint of the project"] = project.ci_lint.get().valid
got["branch"] = project.branches.get("main").name
got["commit"] = project.commits.get("main").last_pipeline["project_id"]
got["statuses"] = len(project.commits.get("main").statuses.list(get_all=True)) > 0
status = project.commits.get("main").statuses.create({"state": "success", "name": "elsewhere", "coverage": 11.5})
got["reported"] = [status.status, status.coverage]
keyset = [j.id for j in project.jobs.list(iterator=True, pagination="keyset", order_by="id", sort="desc", per_page=3)]
got["keyset"] = len(keyset) > 3 and keyset == [j.id for j in project.jobs.list(get_all=True)]
got["runners"] = [r.description for r in gl.runners.list(get_all=True)]
user = gl.users.create({"email": "zed@example.test", "username": "zed", "name": "Zed", "password": "unused"})
member = project.members.create({"user_id": user.id, "access_level": 30})
member.access_level = 40
member.save()
got["member"] = project.members.get(user.id).access_level
try:
    project.members.create({"user_id": user.id, "access_level": 30})
except gitlab.exceptions.GitlabCreateError as error:
    got["member again"] = [error.response_code, error.error_message]
member.delete()
try:
    project.pipelines.get(999999)
except gitlab.exceptions.GitlabGetError as error:
    got["absent"] = [error.response_code, error.error_message]
try:
    gitlab.Gitlab(url, private_token="glpat-wrong").auth()
except gitlab.exceptions.GitlabAuthenticationError as error:
    got["wrong token"] = [error.response_code, error.error_message]
print(json.dumps(got))
