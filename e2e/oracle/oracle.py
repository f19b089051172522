"""A real Mesos 1.11.0 master with agents, in this process (Python 2.7; started by start.sh).

The v0 driver, given the master string "local", starts a whole cluster beside itself. What this file adds is what the
mesos-master and mesos-agent programs would have done around it: the usual paths of the master and of each agent, a
registration in ZooKeeper, a word when all is up, and an end that leaves no task behind.
"""
from __future__ import print_function

import argparse
import ctypes
import json
import os
import signal
import socket
import struct
import sys
import threading
import time
import urllib2

import mesos.interface
import mesos.scheduler
from mesos.interface import mesos_pb2

HOST = "127.0.0.1"
START_LIMIT_SECONDS = 60
PR_SET_PDEATHSIG = 1


class OptionString(ctypes.Structure):
    """stout's Option<std::string>: 0 (some) or 1 (none), then a libstdc++ string with room for 15 characters."""
    _fields_ = [("state", ctypes.c_int), ("padding", ctypes.c_int), ("data", ctypes.c_void_p),
                ("length", ctypes.c_size_t), ("inline", ctypes.c_char * 16)]

    @classmethod
    def none(cls):
        return cls(state=1)

    @classmethod
    def some(cls, text):
        option = cls(state=0, length=len(text), inline=text)
        option.data = ctypes.addressof(option) + cls.inline.offset
        return option


def route_bare_paths_to_master():
    """Makes "master" the delegate of libprocess, so that /api/v1, /state and the like need no /master in front.

    libprocess must be told before the first driver exists. Left out, /api/v1/scheduler would answer 404.
    """
    library = os.path.join(os.path.dirname(mesos.scheduler.__file__), "_scheduler.so")
    initialize = ctypes.CDLL(library, ctypes.RTLD_GLOBAL)[
        "_ZN7process10initializeERK6OptionINSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEES9_S9_"]
    delegate, none = OptionString.some("master"), OptionString.none()
    initialize(ctypes.byref(delegate), ctypes.byref(none), ctypes.byref(none))


class AgentPaths(object):
    """Serves one agent's usual paths (/api/v1, /api/v1/executor, /state, ...) on a port of its own.

    All agents live at the master's port, as slave(1), slave(2) and so on; executors and tools expect them at the root.
    """

    def __init__(self, port, master_port, agent):
        self.master_port = master_port
        self.prefix = "/slave(%d)" % agent
        self.listener = listen(port)
        start_thread(self.accept)

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            start_thread(self.serve, client)

    def serve(self, client):
        try:
            agent = socket.create_connection((HOST, self.master_port))
        except socket.error:
            client.close()
            return
        start_thread(copy, agent, client)
        try:
            requests = client.makefile("rb")
            while self.forward_request(requests, agent):
                pass
        except (socket.error, ValueError):
            pass
        finally:
            shut(agent)

    def forward_request(self, requests, agent):
        line = requests.readline()
        if not line:
            return False
        method, path, version = line.split(" ", 2)
        # The sandbox browser is a process of its own in libprocess, not a path of the agent.
        if not path.startswith(("/slave(", "/files/")):
            path = self.prefix + path
        head, length, chunked = [" ".join((method, path, version))], 0, False
        while head[-1] not in ("\r\n", "\n", ""):
            head.append(requests.readline())
            name, _, value = head[-1].partition(":")
            if name.lower() == "content-length":
                length = int(value)
            elif name.lower() == "transfer-encoding":
                chunked = "chunked" in value.lower()
        agent.sendall("".join(head))
        if not chunked:
            agent.sendall(requests.read(length))
            return True
        while True:
            size = requests.readline()
            data = requests.read(int(size.split(";")[0], 16) + 2)
            agent.sendall(size + data)
            if len(data) == 2:
                return True


def listen(port):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except socket.error as error:
        sys.exit("cannot listen on %s:%d: %s" % (HOST, port, error.strerror))
    listener.listen(128)
    return listener


def copy(source, target):
    try:
        while True:
            data = source.recv(65536)
            if not data:
                break
            target.sendall(data)
    except socket.error:
        pass
    finally:
        shut(target)
        shut(source)


def shut(connection):
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except socket.error:
        pass
    connection.close()


def start_thread(function, *arguments):
    thread = threading.Thread(target=function, args=arguments)
    thread.daemon = True
    thread.start()


class Keeper(mesos.interface.Scheduler):
    """The framework whose driver hosts the cluster. It wants nothing and, suppressed, takes no part in sharing."""

    def registered(self, driver, framework_id, master_info):
        driver.suppressOffers()

    def resourceOffers(self, driver, offers):
        forever = mesos_pb2.Filters(refuse_seconds=1e8)
        for offer in offers:
            driver.declineOffer(offer.id, forever)

    def error(self, driver, message):
        print("error:", message, file=sys.stderr)


def get(port, path):
    return json.load(urllib2.urlopen("http://%s:%d%s" % (HOST, port, path), timeout=5))


def wait_until_up(port, agents):
    """Returns the master's state once /version answers and every agent has registered."""
    deadline = time.time() + START_LIMIT_SECONDS
    while time.time() < deadline:
        try:
            get(port, "/version")
            state = get(port, "/state")
            if state["activated_slaves"] == agents:
                return state
        except (IOError, ValueError):
            pass
        time.sleep(0.1)
    raise RuntimeError("the master did not come up with %d agents in %d s" % (agents, START_LIMIT_SECONDS))


def register_in_zookeeper(address, port, state):
    """Writes the node by which clients of zk://ADDRESS find the leader; it goes when the returned session ends."""
    from kazoo.client import KazooClient
    servers, _, path = address.partition("/")
    path = "/" + (path or "mesos")
    info = {
        "address": {"hostname": HOST, "ip": HOST, "port": port},
        "capabilities": [{"type": "AGENT_UPDATE"}, {"type": "AGENT_DRAINING"}, {"type": "QUOTA_V2"}],
        "hostname": HOST,
        "id": state["id"],
        "ip": struct.unpack("<I", socket.inet_aton(HOST))[0],
        "pid": "master@%s:%d" % (HOST, port),
        "port": port,
        "version": state["version"],
    }
    session = KazooClient(servers)
    session.start(timeout=15)
    session.ensure_path(path)
    node = session.create(path + "/json.info_", json.dumps(info).encode(), ephemeral=True, sequence=True)
    say("registered %s in zk://%s" % (node, servers))
    return session


def processes_of_tasks(work_dir):
    """Pids of all processes that run in a sandbox of ours: each has it in its environment."""
    marks = ["\0%s=%s/" % (name, work_dir) for name in ("MESOS_SANDBOX", "MESOS_DIRECTORY")]
    pids = []
    for pid in os.listdir("/proc"):
        try:
            environment = "\0" + open("/proc/%s/environ" % pid).read() if pid.isdigit() else ""
        except IOError:
            continue
        if any(mark in environment for mark in marks):
            pids.append(int(pid))
    return pids


def end_tasks(work_dir):
    for pid in processes_of_tasks(work_dir):
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError:
            pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--agents", type=int, required=True)
    parser.add_argument("--zk", help="HOST:PORT[,HOST:PORT][/PATH]; PATH is mesos unless given")
    arguments = parser.parse_args()
    work_dir = os.environ["MESOS_WORK_DIR"]

    stopping = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.append(True))
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)  # stop too if start.sh is killed

    listen(arguments.port).close()
    for agent in range(1, arguments.agents + 1):
        AgentPaths(arguments.port + agent, arguments.port, agent)
    route_bare_paths_to_master()
    framework = mesos_pb2.FrameworkInfo(user=os.environ.get("USER", "root"), name="oracle-keeper")
    driver = mesos.scheduler.MesosSchedulerDriver(Keeper(), framework, "local")
    driver.start()

    session, status = None, 0
    try:
        state = wait_until_up(arguments.port, arguments.agents)
        if arguments.zk:
            session = register_in_zookeeper(arguments.zk, arguments.port, state)
        say("ready: Mesos %s master at http://%s:%d, agents at ports %s" % (
            state["version"], HOST, arguments.port,
            " ".join(str(arguments.port + agent) for agent in range(1, arguments.agents + 1))))
        while not stopping:
            time.sleep(0.2)
    except Exception as error:  # whatever it was, the cluster must go down before we do
        print("failed: %s: %s" % (type(error).__name__, error), file=sys.stderr)
        status = 1
    if session:
        session.stop()
    driver.stop()
    driver.join()
    end_tasks(work_dir)
    say("stopped")
    os._exit(status)  # libprocess has threads that would not let the interpreter end in peace


def say(text):
    print(text)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
