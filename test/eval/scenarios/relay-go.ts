import type { Scenario } from '../scenario.ts';

/** Go: a message relay that loses messages at shutdown. */
export const relayGo: Scenario = {
  name: 'relay-go',
  agent: 'opencode',
  cwd: '/home/mika/src/relay',
  branch: 'drain',
  goal: "We drop messages on every deploy. When the pod gets SIGTERM the relay just dies with whatever is in flight. I need «a graceful drain: stop consuming, finish what's in flight, commit offsets, exit» within the 30s kubernetes gives us. Start by reading cmd/relay and internal/pump.",
  changes: [
    "Actually the 30s is too tight for the big tenants. «Let's make the drain timeout a flag» with 25s as the default.",
    'scrap the webhook retries, «undelivered ones go to the dead letter topic instead»',
    'SRE wants to see it happen. «Readiness must flip to 503 the moment draining starts.»',
    'One last change of mind: «the http sink moves into its own package», I need to reuse it in the gateway',
  ],
  constraints: [
    "stdlib + what's in go.mod already, «I don't want errgroup or any other new module»",
    '«At-least-once is the contract. A duplicate is ok, a lost message is not.»',
    "don't reformat files you aren't changing, «the diff must stay reviewable»",
    'the exported API of package pump is used by three other repos so «pump.Pump keeps its signature»',
    '«everything has to pass with -race»',
    'We log with slog. «No fmt.Println left behind.»',
  ],
  decisions: [
    {
      pick: 'a context per message',
      over: 'one shared context',
      why: 'cancelling the consumer must not cancel work that is half done',
    },
    {
      pick: 'committing offsets from a single goroutine',
      over: 'committing in each worker',
      why: 'offsets would go backwards when workers finish out of order',
    },
    { pick: 'closing the intake channel', over: 'a stop flag', why: 'workers notice it without polling' },
    {
      pick: 'signal.NotifyContext in main',
      over: 'a handler inside pump',
      why: 'the gateway embeds pump and has its own signals',
    },
    {
      pick: 'a ring of 512 slots per partition',
      over: 'an unbounded queue',
      why: 'memory blew past the pod limit in March',
    },
    {
      pick: 'returning the first error only',
      over: 'errors.Join',
      why: 'the alert rule greps for a single cause',
    },
  ],
  failures: [
    { tried: 'sleeping five seconds in preStop', outcome: 'the consumer kept fetching during the sleep' },
    {
      tried: 'using sync.WaitGroup with Add inside the worker',
      outcome: 'Wait returned before the last batch was registered',
    },
    {
      tried: 'committing on a ticker',
      outcome: 'up to a second of messages was redelivered after each restart',
    },
    {
      tried: 'draining by cancelling the root context',
      outcome: 'in-flight HTTP posts were cut off halfway',
    },
    {
      tried: 'raising the session timeout to two minutes',
      outcome: 'rebalances took just as long on every scale-up',
    },
  ],
  free: [
    {
      kind: 'decision',
      text: 'Readiness lives in internal/health now. «The sink has no business knowing about kubernetes», that was the whole point of splitting it.',
    },
    {
      kind: 'failed',
      text: '«The buffered results channel hid the race», it did not remove it: -race fires again with -count=50.',
    },
  ],
  plan: [
    'Reproduce the loss with a SIGTERM test',
    'Separate intake from work',
    'Commit offsets in order',
    'Drain timeout flag',
    'Readiness flips to 503',
    'Dead letter topic for what is left over',
  ],
  files: [
    {
      path: 'internal/pump/pump.go',
      how: 'changed',
      before: '	for msg := range c.Messages() {',
      after: '	for msg := range p.intake {',
    },
    {
      path: 'internal/pump/offsets.go',
      how: 'created',
      before: '',
      after: 'func (o *offsets) done(partition int32, offset int64) (commit int64, ok bool) {',
    },
    {
      path: 'internal/health/ready.go',
      how: 'created',
      before: '',
      after: 'func (r *Ready) Draining() { r.state.Store(stateDraining) }',
    },
    {
      path: 'cmd/relay/main.go',
      how: 'changed',
      before: '	ctx := context.Background()',
      after: '	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)',
    },
    {
      path: 'deploy/relay.yaml',
      how: 'changed',
      before: '      terminationGracePeriodSeconds: 30',
      after: '      terminationGracePeriodSeconds: 60',
    },
    {
      path: 'internal/pump/pump_test.go',
      how: 'changed',
      before: 'func TestPump(t *testing.T) {',
      after: 'func TestPumpDrainsInFlight(t *testing.T) {',
    },
    { path: 'internal/pump/ticker.go', how: 'deleted', before: 'package pump // ticker', after: '' },
    {
      path: 'internal/pump/http.go',
      how: 'moved',
      before: 'type HTTPSink struct{}',
      after: 'internal/sink/http.go',
    },
  ],
  checks: [
    {
      command: 'go test -race ./...',
      narrow: 'go test -race -run TestPumpDrainsInFlight ./internal/pump',
      failure:
        '--- FAIL: TestPumpDrainsInFlight (2.01s)\n    pump_test.go:88: lost 3 of 200 messages after SIGTERM\nFAIL\nFAIL	example.org/relay/internal/pump	2.4s\nFAIL',
      message: 'pump_test.go:88: lost 3 of 200 messages after SIGTERM',
      success: 'ok  	example.org/relay/internal/pump	3.1s\nok  	example.org/relay/internal/health	0.2s',
    },
    {
      command: 'go vet ./...',
      narrow: 'go vet ./internal/pump',
      failure:
        '# example.org/relay/internal/pump\ninternal/pump/pump.go:61:2: the cancel function is not used on all paths (possible context leak)',
      message:
        'internal/pump/pump.go:61:2: the cancel function is not used on all paths (possible context leak)',
      success: '',
    },
    {
      command: 'go build ./...',
      narrow: 'go build ./cmd/relay',
      failure: '# example.org/relay/cmd/relay\ncmd/relay/main.go:44:19: undefined: pump.WithDrainTimeout',
      message: 'cmd/relay/main.go:44:19: undefined: pump.WithDrainTimeout',
      success: '',
    },
  ],
  actions: [
    { command: 'kind create cluster --name relay', output: 'Set kubectl context to "kind-relay"' },
    { command: 'kubectl rollout restart deployment/relay', output: 'deployment.apps/relay restarted' },
  ],
  asked: {
    question: 'If the drain runs out of time, do I commit what is finished or nothing at all?',
    answer: '«commit what is finished, the rest gets redelivered and that is fine»',
  },
  openQuestion:
    '«Is it ok to raise terminationGracePeriodSeconds to 60 for every tenant», or only for the big ones?',
  subagents: [
    {
      task: 'Find users of pump',
      prompt: 'Which packages import internal/pump or copy from it?',
      report:
        'Looked at go.mod replace lines and imports.\n\ngateway/cmd/gw/main.go uses pump.New and pump.Pump.\nbilling-sync/pkg/run.go uses pump.Pump.\naudit/main.go uses pump.Options.\n\nBottom line: «only New, Pump and Options are used from outside», the rest can change freely.',
    },
    {
      task: 'Kafka client shutdown behaviour',
      prompt: 'How does our consumer library behave on Close?',
      report:
        '«Close blocks until the current fetch returns, up to MaxWait (500 ms here)», and it does not commit anything by itself. See consumer.go:212.',
    },
  ],
  end: "Draining works for the http sink. «The kafka sink still acks before the write returns», that's where the three lost messages come from, I was about to move the ack behind the write.",
  routine: [
    'shorter names in that test please',
    'show me pump.go lines 50 to 90',
    'can you explain the offsets struct to me',
    'add a table test for that',
    'git diff --stat?',
    'ok and the same for the kafka sink',
  ],
  nouns: ['intake', 'offset tracker', 'sink', 'readiness probe', 'worker pool', 'drain', 'dead letter topic'],
  functions: ['Pump', 'drain', 'commitLoop', 'NewSink', 'Draining', 'runWorker'],
};
