#!/usr/bin/env python
"""A Mesos framework on an unmodified pymesos, in the style of pymesos' own example scheduler.

It launches many small command tasks and prints everything that it is told, one JSON object a line:

    {"t": 1763769600.123, "event": "offer", ...}

Events: subscribed, resubscribed, disconnected, offer, rescind, launch, decline, update, acknowledged, failure, message,
error, call-failed, summary. The last line is always a summary, with the count of tasks by their latest state.

Commands may be given on standard input, one a line, while it runs:

    launch N [CPUS MEM [COMMAND]]   want N more tasks (with these resources and this command from now on)
    become COMMAND                  what every further task runs
    kill TASK_ID | kill-all         kill one task, or all that have not ended
    reconcile [TASK_ID ...]         explicit for these tasks, implicit without any
    suppress | revive               stop or resume offers
    leave                           disconnect without TEARDOWN: tasks stay until the failover timeout
    teardown                        end the framework and its tasks
    hold                            stop launching, keep declining

Start it with --help for the options.
"""
import argparse
import collections
import json
import logging
import sys
import threading
import time
import uuid
from base64 import b64decode

from pymesos import MesosSchedulerDriver, Scheduler

TERMINAL = {
    'TASK_FINISHED', 'TASK_FAILED', 'TASK_KILLED', 'TASK_ERROR', 'TASK_LOST', 'TASK_DROPPED', 'TASK_GONE',
    'TASK_GONE_BY_OPERATOR',
}


class Journal(object):
    """Writes events as lines of JSON; lines of several threads never mix."""

    def __init__(self, path):
        self._lock = threading.Lock()
        self._streams = [sys.stdout] + ([open(path, 'w')] if path else [])

    def write(self, event, t=None, **fields):
        line = json.dumps(dict(t=round(t or time.time(), 4), event=event, **fields), sort_keys=True)
        with self._lock:
            for stream in self._streams:
                stream.write(line + '\n')
                stream.flush()


class ManyTasks(Scheduler):
    def __init__(self, options, journal):
        self.options = options
        self.journal = journal
        self.lock = threading.RLock()
        self.cpus, self.mem, self.command = options.cpus, options.mem, options.command
        self.wanted = options.tasks if options.tasks > 0 else sys.maxsize
        self.launched = collections.OrderedDict()  # task id -> latest state known
        self.agents = {}  # task id -> agent id
        self.seen = set()  # (task id, uuid): an update is retried until it is acknowledged
        self.counts = collections.Counter()
        self.volume = options.volume
        self.volume_made = False
        self.subscriptions = 0
        self.ended = threading.Event()
        self.fault = None

    # What the driver tells us.

    def registered(self, driver, framework_id, master_info):
        self._subscribed(framework_id['value'], master_info)

    # The driver says so of every subscription with an id, of the first one after a failover too.
    def reregistered(self, driver, master_info):
        self._subscribed(driver.framework_id, master_info)

    def _subscribed(self, framework_id, master_info):
        self.subscriptions += 1
        self.journal.write('subscribed' if self.subscriptions == 1 else 'resubscribed',
                           framework_id=framework_id, master=master_info)

    def disconnected(self, driver):
        self.journal.write('disconnected')

    def resourceOffers(self, driver, offers):
        for offer in offers:
            self.journal.write(
                'offer', offer_id=offer['id']['value'], agent_id=offer['agent_id']['value'], hostname=offer['hostname'],
                resources=offer['resources'], attributes=offer.get('attributes', []), domain=offer.get('domain'),
                allocation_info=offer.get('allocation_info'))
        for offer in offers:
            tasks = self._tasks_for(offer)
            filters = {'refuse_seconds': self.options.refuse_seconds}
            # The master may offer what is left the moment it has the call, before we have its answer.
            called = time.time()
            if tasks:
                if self._launch(driver, offer, tasks, filters):
                    self.journal.write('launch', t=called, offer_id=offer['id']['value'],
                                       agent_id=offer['agent_id']['value'],
                                       task_ids=[t['task_id']['value'] for t in tasks])
                else:
                    self._forget(tasks)
            elif self._call('decline', driver.declineOffer, [offer['id']], filters):
                self.journal.write('decline', t=called, offer_id=offer['id']['value'])

    def offerRescinded(self, driver, offer_id):
        self.journal.write('rescind', offer_id=offer_id['value'])

    def statusUpdate(self, driver, update):
        task, state = update['task_id']['value'], update['state']
        again = (task, update.get('uuid')) in self.seen if 'uuid' in update else False
        self.journal.write('update', task_id=task, state=state, again=again, status=self._readable(update))
        with self.lock:
            if 'uuid' in update:
                self.seen.add((task, update['uuid']))
            if not again:
                self.counts[state] += 1
            self.agents.setdefault(task, update.get('agent_id', {}).get('value'))
            self.launched[task] = state
        # The driver would acknowledge by itself, but ends its thread when the master is away just then.
        if 'uuid' in update and not self.options.no_acknowledgements:
            if self._call('acknowledge', driver.acknowledgeStatusUpdate, update):
                self.journal.write('acknowledged', task_id=task, uuid=update['uuid'])
        self._end_when_done()

    def frameworkMessage(self, driver, executor_id, agent_id, data):
        self.journal.write('message', executor_id=executor_id['value'], agent_id=agent_id['value'],
                           data=b64decode(data).decode('utf-8', 'replace'))

    def slaveLost(self, driver, agent_id):
        self.journal.write('failure', agent_id=agent_id['value'])

    def executorLost(self, driver, executor_id, agent_id, status):
        self.journal.write('failure', agent_id=agent_id['value'], executor_id=executor_id['value'], status=status)

    def processHeartBeat(self, driver):
        pass

    def error(self, driver, message):
        self.journal.write('error', message=message)
        self.fault = message
        self.ended.set()

    # What we do.

    def _launch(self, driver, offer, tasks, filters):
        if not self.volume:
            return self._call('launch', driver.launchTasks, [offer['id']], tasks, filters)
        operations = []
        volume = self._volume_in(offer)
        if not volume:
            reserved = self._reserved(offer)
            volume = dict(reserved, disk={
                'persistence': {'id': self.volume.id},
                'volume': {'container_path': self.volume.path, 'mode': 'RW'}})
            operations += [{'type': 'RESERVE', 'reserve': {'resources': [reserved]}},
                           {'type': 'CREATE', 'create': {'volumes': [volume]}}]
            self.volume_made = True
        for task in tasks:
            task['resources'].append(volume)
        operations.append({'type': 'LAUNCH', 'launch': {'task_infos': tasks}})
        return self._call('launch', driver.acceptOffers, [offer['id']], operations, filters)

    def _volume_in(self, offer):
        for resource in offer['resources']:
            if resource.get('disk', {}).get('persistence', {}).get('id') == self.volume.id:
                return resource
        return None

    def _reserved(self, offer):
        role = offer['allocation_info']['role']
        return {'name': 'disk', 'type': 'SCALAR', 'scalar': {'value': self.volume.size},
                'allocation_info': {'role': role}, 'reservations': [{'type': 'DYNAMIC', 'role': role}]}

    def _tasks_for(self, offer):
        if self.volume and self.volume_made and not self._volume_in(offer):
            return []
        amounts = collections.Counter()
        reservations = {}
        for resource in offer['resources']:
            if resource['name'] in ('cpus', 'mem') and not resource.get('reservations'):
                amounts[resource['name']] += resource['scalar']['value']
                reservations[resource['name']] = resource.get('allocation_info')
        tasks = []
        with self.lock:
            # A little slack: 0.1 cpus taken ten times from 1.0 leaves less than nothing in binary arithmetic.
            while (len(self.launched) < self.wanted and len(tasks) < self.options.per_offer
                   and amounts['cpus'] + 1e-6 >= self.cpus and amounts['mem'] + 1e-6 >= self.mem
                   and self._live() < self.options.at_once):
                amounts['cpus'] -= self.cpus
                amounts['mem'] -= self.mem
                tasks.append(self._task(offer, len(self.launched)))
                task = tasks[-1]['task_id']['value']
                self.launched[task] = 'LAUNCHED'
                self.agents[task] = offer['agent_id']['value']
        return tasks

    def _task(self, offer, number):
        options = self.options
        task_id = '%s-%06d' % (options.prefix, number)
        command = self.command.replace('{n}', str(number)).replace('{id}', task_id)
        if options.argv:
            words = command.split()
            command_info = {'shell': False, 'value': words[0], 'arguments': words}
        else:
            command_info = {'shell': True, 'value': command}
        if options.env:
            command_info['environment'] = {'variables': [
                {'name': name, 'value': value} for name, _, value in (e.partition('=') for e in options.env)]}
        if options.uri:
            command_info['uris'] = [{'value': uri} for uri in options.uri]
        if options.task_user:
            command_info['user'] = options.task_user
        task = {
            'task_id': {'value': task_id},
            'agent_id': offer['agent_id'],
            'name': '%s %d' % (options.name, number),
            'command': command_info,
            'resources': [
                {'name': 'cpus', 'type': 'SCALAR', 'scalar': {'value': self.cpus}},
                {'name': 'mem', 'type': 'SCALAR', 'scalar': {'value': self.mem}},
            ],
        }
        role = (offer.get('allocation_info') or {}).get('role')
        if role:
            for resource in task['resources']:
                resource['allocation_info'] = {'role': role}
        if options.kill_grace is not None:
            task['kill_policy'] = {'grace_period': {'nanoseconds': int(options.kill_grace * 1e9)}}
        if options.task_fields:
            task.update(options.task_fields)
        return task

    def _live(self):
        return sum(1 for state in self.launched.values() if state not in TERMINAL)

    def _forget(self, tasks):
        with self.lock:
            for task in tasks:
                task_id = task['task_id']['value']
                if self.launched.get(task_id) == 'LAUNCHED':
                    # The call may have arrived all the same: the id stays used, and an update may still bring it back.
                    self.launched[task_id] = 'TASK_DROPPED'
                    self.wanted += 1

    def _call(self, name, call, *arguments):
        """Calls the driver; a master that is away costs this call and not the framework."""
        for attempt in (1, 2):
            try:
                call(*arguments)
                return True
            except Exception as fault:  # pylint: disable=broad-except
                self.journal.write('call-failed', call=name, attempt=attempt, message=str(fault))
                # A connection that the server closed while it was idle: only those are worth a second try.
                if 'Remote end closed' not in str(fault) and 'reset' not in str(fault):
                    return False
        return False

    @staticmethod
    def _readable(update):
        update = dict(update)
        if 'data' in update:
            update['data'] = b64decode(update['data']).decode('utf-8', 'replace')
        return update

    def _end_when_done(self):
        with self.lock:
            if (not self.options.stay and len(self.launched) >= self.wanted
                    and all(state in TERMINAL for state in self.launched.values())):
                self.ended.set()

    def summary(self):
        with self.lock:
            latest = collections.Counter(self.launched.values())
            per_agent = collections.Counter(self.agents.values())
            return dict(tasks=len(self.launched), latest=latest, updates=self.counts, per_agent=per_agent,
                        subscriptions=self.subscriptions, fault=self.fault)


Volume = collections.namedtuple('Volume', 'id size path')


def volume(text):
    volume_id, size, path = text.split(':')
    return Volume(volume_id, float(size), path)


def read_commands(driver, scheduler, outcome):
    for line in iter(sys.stdin.readline, ''):
        words = line.split()
        if not words:
            continue
        word = words[0]
        if word == 'launch':
            with scheduler.lock:
                base = len(scheduler.launched) if scheduler.wanted == sys.maxsize else scheduler.wanted
                scheduler.wanted = base + int(words[1])
                if len(words) >= 4:
                    scheduler.cpus, scheduler.mem = float(words[2]), float(words[3])
                if len(words) >= 5:
                    scheduler.command = line.split(None, 4)[4].rstrip('\n')
            scheduler._call('revive', driver.reviveOffers)
        elif word == 'become':
            with scheduler.lock:
                scheduler.command = line.split(None, 1)[1].rstrip('\n')
        elif word == 'hold':
            with scheduler.lock:
                scheduler.wanted = len(scheduler.launched)
        elif word == 'kill':
            scheduler._call('kill', driver.killTask, {'value': words[1]})
        elif word == 'kill-all':
            for task, state in list(scheduler.launched.items()):
                if state not in TERMINAL:
                    scheduler._call('kill', driver.killTask, {'value': task})
        elif word == 'reconcile':
            tasks = [{'task_id': {'value': task}} for task in words[1:]]
            scheduler._call('reconcile', driver.reconcileTasks, tasks)
        elif word == 'suppress':
            scheduler._call('suppress', driver.suppressOffers)
        elif word == 'revive':
            scheduler._call('revive', driver.reviveOffers)
        elif word in ('leave', 'teardown'):
            outcome['failover'] = word == 'leave'
            scheduler.ended.set()
            return
        else:
            scheduler.journal.write('error', message='unknown command: ' + line.strip())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--master', required=True, help='host:port or zk://host:port/path')
    parser.add_argument('--name', default='many-tasks')
    parser.add_argument('--user', default='root', help='of the framework')
    parser.add_argument('--task-user', help="of the tasks' commands, where it differs")
    parser.add_argument('--role', action='append', help='may be repeated: MULTI_ROLE then')
    parser.add_argument('--principal')
    parser.add_argument('--secret')
    parser.add_argument('--capability', action='append', default=[], help='such as PARTITION_AWARE; may be repeated')
    parser.add_argument('--framework-id', help='fail over: take over the framework of this id')
    parser.add_argument('--failover-timeout', type=float, default=60.0, help='seconds')
    parser.add_argument('--checkpoint', action='store_true')
    parser.add_argument('--tasks', type=int, default=5, help='how many in all; 0: as many as offers allow, for ever')
    parser.add_argument('--cpus', type=float, default=0.1)
    parser.add_argument('--mem', type=float, default=32.0, help='MB')
    parser.add_argument('--command', default='echo task {n}; sleep 1', help='{n}: its number, {id}: its task id')
    parser.add_argument('--argv', action='store_true', help='run the command without a shell')
    parser.add_argument('--env', action='append', default=[], help='NAME=value; may be repeated')
    parser.add_argument('--uri', action='append', default=[], help='fetched into the sandbox; may be repeated')
    parser.add_argument('--task-fields', type=json.loads, help='JSON object: further fields of each TaskInfo')
    parser.add_argument('--volume', type=volume, metavar='ID:MB:PATH',
                        help='tasks run on this persistent volume, one after the other; made where the first one runs')
    parser.add_argument('--kill-grace', type=float, help='seconds between SIGTERM and SIGKILL')
    parser.add_argument('--prefix', default='task-' + uuid.uuid4().hex[:8], help='of task ids')
    parser.add_argument('--per-offer', type=int, default=10 ** 9, help='most tasks launched on one offer')
    parser.add_argument('--at-once', type=int, default=10 ** 9, help='most tasks alive at a time')
    parser.add_argument('--refuse-seconds', type=float, default=1.0)
    parser.add_argument('--no-acknowledgements', action='store_true')
    parser.add_argument('--stay', action='store_true', help='go on after the last task ended, until told otherwise')
    parser.add_argument('--leave', action='store_true', help='at the end, disconnect without TEARDOWN')
    parser.add_argument('--limit', type=float, default=600.0, help='seconds after which it gives up')
    parser.add_argument('--journal', help='also write the events to this file')
    parser.add_argument('--verbose', action='store_true', help="the driver's log on standard error")
    options = parser.parse_args()
    logging.basicConfig(level=logging.DEBUG if options.verbose else logging.CRITICAL)

    framework = {
        'user': options.user, 'name': options.name, 'hostname': 'localhost',
        'failover_timeout': options.failover_timeout, 'checkpoint': options.checkpoint,
        'capabilities': [{'type': capability} for capability in options.capability],
    }
    if options.principal:
        framework['principal'] = options.principal
    if options.role and len(options.role) > 1:
        framework['roles'] = options.role
        framework['capabilities'].append({'type': 'MULTI_ROLE'})
    elif options.role:
        framework['role'] = options.role[0]
    if options.volume:
        options.per_offer = options.at_once = 1
        framework['capabilities'].append({'type': 'RESERVATION_REFINEMENT'})
        if not any(c['type'] == 'MULTI_ROLE' for c in framework['capabilities']):
            framework['capabilities'].append({'type': 'MULTI_ROLE'})
            framework['roles'] = [framework.pop('role')]
    if options.framework_id:
        framework['id'] = {'value': options.framework_id}

    scheduler = ManyTasks(options, Journal(options.journal))
    driver = MesosSchedulerDriver(
        scheduler, framework, options.master, implicit_acknowledgements=False,
        principal=options.principal if options.secret else None, secret=options.secret)
    outcome = {'failover': options.leave}
    started = time.time()
    driver.start()
    threading.Thread(target=read_commands, args=(driver, scheduler, outcome), daemon=True).start()
    timed_out = False
    try:
        while not scheduler.ended.wait(0.2):
            if time.time() - started > options.limit:
                timed_out = True
                break
            if driver.aborted:
                scheduler.fault = scheduler.fault or 'the driver ended'
                break
    except KeyboardInterrupt:
        # The driver's thread interrupts the main one when it ends by an exception.
        scheduler.fault = scheduler.fault or 'interrupted'
    driver.stop(failover=outcome['failover'])
    try:
        driver.join()
    except (KeyboardInterrupt, RuntimeError):
        pass
    scheduler.journal.write('summary', seconds=round(time.time() - started, 3), timed_out=timed_out,
                            **scheduler.summary())
    sys.exit(1 if timed_out or scheduler.fault else 0)


if __name__ == '__main__':
    main()
