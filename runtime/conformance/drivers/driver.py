"""The Python form's driver; with --async, that of its async form. README.md says what the operations do."""

import asyncio
import json
import os
import queue
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../python"))

import lockwright_runtime as runtime

output = threading.Lock()
holds = {}
leases = {}


def say(message):
    with output:
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()


def described(error):
    ours = isinstance(error, runtime.LockwrightError) or not isinstance(error, OSError)
    result = {"type": type(error).__name__ if ours else "OSError", "message": str(error)}
    if isinstance(error, OSError) and error.errno is not None:
        result["errno"] = error.errno
    for name in ("path", "file", "line", "waited", "token"):
        if hasattr(error, name):
            result[name] = getattr(error, name)
    if isinstance(error, runtime.LockTimeout) and error.holder is not None:
        result["holder"] = {"pid": error.holder.pid, "mode": error.holder.mode, "program": error.holder.program}
    return result


class Occupied:
    """The detector that is independent of the lock: a file created exclusively inside the section."""

    def __init__(self, marker):
        self.marker = marker
        self.overlaps = 0

    def enter(self):
        if self.marker:
            try:
                os.close(os.open(self.marker, os.O_CREAT | os.O_EXCL))
            except FileExistsError:
                self.overlaps += 1

    def leave(self):
        if self.marker:
            try:
                os.unlink(self.marker)
            except FileNotFoundError:
                self.overlaps += 1


def add_in_place(path):
    with open(path, "r+") as file:
        count = int(file.read() or 0)
        file.seek(0)
        file.truncate()
        file.write(str(count + 1))


def added(content):
    return str(int(content or b"0") + 1).encode()


def lock_of(request, path=None, prefix=""):
    return runtime.FileLock(
        path or request["path"],
        shared=request.get(prefix + "shared", False),
        reentrant=request.get("reentrant", False),
        timeout=request.get("timeout"),
    )


class Failure(Exception):
    pass


def refused_only(outer):
    """Releases what is still held, whatever became of the acquire in it."""
    if not outer.held:
        raise Failure("the nested acquire ended the hold")
    outer.release()


def fork(request):
    hold = holds[request["as"]]
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the driver's output ends with the driver
        hold.release()  # must do nothing
        if request["how"] == "exec":
            os.execlp("sleep", "sleep", str(request["seconds"]))
        if request["how"] == "outlive":
            time.sleep(request["seconds"])
        os._exit(1 if hold.held else 0)
    if request["how"] == "exit":
        return {"pid": child, "status": os.waitpid(child, 0)[1]}
    return {"pid": child}


def lease_of(request):
    return runtime.Lease(request["path"], request["owner"], request["ttl"])


class Sync:
    """Actors are threads."""

    def hello(self, request):
        return {"language": "python", "pid": os.getpid(), "actor": "thread"}

    def begin(self, request):
        for hold in holds.values():
            hold.release()
        holds.clear()
        leases.clear()
        os.chdir(request["folder"])

    def acquire(self, request):
        lock = lock_of(request)
        holds[request["as"]] = lock.acquire()

    def release(self, request):
        holds[request["as"]].release()

    def held(self, request):
        return holds[request["as"]].held

    def nest(self, request):
        if request.get("bare"):
            outer = lock_of(request).acquire()
            try:
                lock_of(request, request["inner"], "inner_").acquire(timeout=20).release()
            finally:
                refused_only(outer)
            return
        with lock_of(request):
            with lock_of(request, request["inner"], "inner_").acquire(timeout=20):
                pass

    def leave(self, request):
        lock = lock_of(request)
        if request["how"] == "return":
            def section():
                with lock:
                    return 1
            section()
        elif request["how"] == "exception":
            try:
                with lock:
                    raise Failure
            except Failure:
                pass
        elif request["how"] == "generator":
            def section():
                with lock:
                    yield
            generator = section()
            next(generator)
            generator.close()
        elif request["how"] == "cancel":
            try:  # what a signal handler does to a thread
                with lock:
                    raise KeyboardInterrupt
            except KeyboardInterrupt:
                pass

    def cancel(self, request):
        # Threads cannot be cancelled; the main thread can be interrupted, which is tested in test_python.py.
        try:
            runtime.FileLock(request["path"]).acquire(timeout=request["after"])
        except runtime.LockTimeout:
            return "cancelled"

    def increment(self, request):
        occupied = Occupied(request.get("marker"))
        lock = lock_of(request, request["lock"])
        for _ in range(request["times"]):
            with lock:
                occupied.enter()
                add_in_place(request["path"])
                occupied.leave()
        return occupied.overlaps

    def update(self, request):
        for step in range(request["times"]):
            runtime.update_file(request["path"], added)
            say({"event": request["id"], "n": step})

    def save(self, request):
        def change(value):
            value[request["key"]] = value.get(request["key"], 0) + 1
            return value
        for _ in range(request["times"]):
            runtime.update_json(request["path"], change, default={})

    def fail_update(self, request):
        def fail(content):
            raise Failure("in the function")
        runtime.update_file(request["path"], fail)

    def nest_update(self, request):
        def nest(content):
            lock_of(request).acquire(timeout=20).release()
            return b"nested"
        runtime.update_file(request["path"], nest)

    def replace(self, request):
        content = (request["letter"] * request["size"]).encode()
        for step in range(request["times"]):
            runtime.replace_file(request["path"], content)
            say({"event": request["id"], "n": step})

    def race(self, request):
        lock = lock_of(request)
        overlaps = [0]
        inside = [0]

        def run():
            for _ in range(request["times"]):
                with lock:
                    inside[0] += 1
                    overlaps[0] += inside[0] != 1
                    inside[0] -= 1
        threads = [threading.Thread(target=run) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return overlaps[0]

    def fork(self, request):
        return fork(request)

    def lease_acquire(self, request):
        lease = leases.setdefault(request["as"], lease_of(request))
        return lease.acquire(request.get("timeout", 0))

    def lease_resume(self, request):
        leases[request["as"]] = lease_of(request)
        leases[request["as"]].resume(request["token"])

    def lease_refresh(self, request):
        for step in range(request.get("times", 1)):
            leases[request["as"]].refresh()

    def lease_release(self, request):
        return leases[request["as"]].release()

    def lease_check(self, request):
        leases[request["as"]].check()

    def lease_token(self, request):
        return leases[request["as"]].token

    def lease_replace(self, request):
        leases[request["as"]].replace_file(request["text"].encode())


class Async(Sync):
    """Actors are tasks. What is not redefined does not wait."""

    def hello(self, request):
        return {"language": "python", "pid": os.getpid(), "actor": "task"}

    async def acquire(self, request):
        holds[request["as"]] = await lock_of(request).acquire_async()

    async def nest(self, request):
        if request.get("bare"):
            outer = await lock_of(request).acquire_async()
            try:
                inner = await lock_of(request, request["inner"], "inner_").acquire_async(timeout=20)
                inner.release()
            finally:
                refused_only(outer)
            return
        async with lock_of(request):
            async with await lock_of(request, request["inner"], "inner_").acquire_async(timeout=20):
                pass

    async def leave(self, request):
        lock = lock_of(request)
        how = request["how"]
        if how == "generator":
            async def section():
                async with lock:
                    yield
            generator = section()
            await generator.__anext__()
            await generator.aclose()
        elif how == "cancel":
            async def section():
                async with lock:
                    await asyncio.sleep(60)
            task = asyncio.create_task(section())
            await asyncio.sleep(0.05)
            task.cancel()
            await asyncio.wait([task])
        else:
            try:
                async with lock:
                    if how == "exception":
                        raise Failure
                    return
            except Failure:
                pass

    async def cancel(self, request):
        async def wait():
            async with runtime.FileLock(request["path"]):
                pass
        task = asyncio.create_task(wait())
        await asyncio.sleep(request["after"])
        task.cancel()
        await asyncio.wait([task])
        return "cancelled" if task.cancelled() else "not cancelled"

    async def increment(self, request):
        occupied = Occupied(request.get("marker"))
        lock = lock_of(request, request["lock"])
        for _ in range(request["times"]):
            async with lock:
                occupied.enter()
                await asyncio.sleep(0)
                add_in_place(request["path"])
                occupied.leave()
        return occupied.overlaps

    async def update(self, request):
        for step in range(request["times"]):
            await runtime.update_file_async(request["path"], added)
            say({"event": request["id"], "n": step})

    async def save(self, request):
        async def change(value):
            count = value.get(request["key"], 0)
            await asyncio.sleep(0)
            value[request["key"]] = count + 1
            return value
        for _ in range(request["times"]):
            await runtime.update_json_async(request["path"], change, default={})

    async def fail_update(self, request):
        async def fail(content):
            raise Failure("in the function")
        await runtime.update_file_async(request["path"], fail)

    async def nest_update(self, request):
        async def nest(content):
            (await lock_of(request).acquire_async(timeout=20)).release()
            return b"nested"
        await runtime.update_file_async(request["path"], nest)

    async def replace(self, request):
        content = (request["letter"] * request["size"]).encode()
        for step in range(request["times"]):
            await runtime.replace_file_async(request["path"], content)
            say({"event": request["id"], "n": step})

    async def race(self, request):
        lock = lock_of(request)
        inside = overlaps = 0

        async def run():
            nonlocal inside, overlaps
            for _ in range(request["times"]):
                hold = await lock.acquire_async()
                inside += 1
                overlaps += inside != 1
                await asyncio.sleep(0)
                inside -= 1
                hold.release()
        await asyncio.gather(run(), run())
        return overlaps

    async def lease_acquire(self, request):
        lease = leases.setdefault(request["as"], lease_of(request))
        return await lease.acquire_async(request.get("timeout", 0))

    async def lease_resume(self, request):
        leases[request["as"]] = lease_of(request)
        await leases[request["as"]].resume_async(request["token"])

    async def lease_refresh(self, request):
        for step in range(request.get("times", 1)):
            await leases[request["as"]].refresh_async()

    async def lease_release(self, request):
        return await leases[request["as"]].release_async()

    async def lease_check(self, request):
        await leases[request["as"]].check_async()

    async def lease_replace(self, request):
        await leases[request["as"]].replace_file_async(request["text"].encode())


def run_threads():
    form = Sync()
    actors = {}

    def actor(requests):
        while True:
            request = requests.get()
            try:
                say({"id": request["id"], "ok": getattr(form, request["op"])(request)})
            except Exception as error:
                say({"id": request["id"], "error": described(error)})

    for line in sys.stdin:
        request = json.loads(line)
        name = request.get("actor", "main")
        if name not in actors:
            actors[name] = queue.Queue()
            threading.Thread(target=actor, args=(actors[name],), daemon=True).start()
        actors[name].put(request)
    os._exit(0)


async def run_tasks():
    form = Async()
    actors = {}

    async def actor(requests):
        while True:
            request = await requests.get()
            try:
                result = getattr(form, request["op"])(request)
                if asyncio.iscoroutine(result):
                    result = await result
                say({"id": request["id"], "ok": result})
            except Exception as error:
                say({"id": request["id"], "error": described(error)})

    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    tasks = set()
    while line := await reader.readline():
        request = json.loads(line)
        name = request.get("actor", "main")
        if name not in actors:
            actors[name] = asyncio.Queue()
            tasks.add(asyncio.create_task(actor(actors[name])))
        actors[name].put_nowait(request)
    os._exit(0)


if "--async" in sys.argv:
    asyncio.run(run_tasks())
else:
    run_threads()
