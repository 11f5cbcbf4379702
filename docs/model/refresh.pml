/*
 * The refresh protocol of lambda/refresh/exchange.ts as a Spin model. What each step stands for: test/verification/model/steps.ts, and the table in
 * docs/model/README.md that is made of it. Run it by `npm run proof:model`.
 *
 * Chosen from outside: CALLERS callers and one later caller; IDP (kind of provider); how many faults of each kind may happen, at any step:
 * MAXCRASH (a process is killed), MAXLOSS (a request or an answer is lost, its sender lives on), STOREDOWN (the store takes nothing until
 * the holder's deadline), QUEUEDOWN (the queue takes no watchdog message); MAXEXPIRE (how often the kept access token runs out); USER (the
 * user signs in again, or disconnects, at any time); WINDOW (how many dead holders in a row the provider's grace time outlasts).
 *
 * Three reductions, all without loss: a caller that waits for a lease is a caller that starts later (polling changes nothing); the callers begin
 * in the order of their numbers, since nothing but the number tells them apart (-DANYORDER drops this one); and with -DONESTEP the intent
 * follows the read at once, since a caller that loses the compare-and-set is one that starts later, too.
 */
#define NONE 0
#define GRACE 1
#define STRICT 2
#ifndef CALLERS
#define CALLERS 3
#endif
#ifndef IDP
#define IDP NONE
#endif
#ifndef MAXCRASH
#define MAXCRASH 0
#endif
#ifndef MAXLOSS
#define MAXLOSS 0
#endif
#ifndef STOREDOWN
#define STOREDOWN 0
#endif
#ifndef QUEUEDOWN
#define QUEUEDOWN 0
#endif
#ifndef MAXEXPIRE
#define MAXEXPIRE 0
#endif
#ifndef WINDOW
#define WINDOW MAXCRASH+MAXLOSS
#endif
#if defined(NAIVE) || defined(CASDROP)
#define NOLEASE
#endif
#if defined(NOLEASE) || defined(TTL)
#define NOFENCE
#define NOWATCHDOG
#define NOSPILL
#endif
#if IDP == NONE
#define NOWATCHDOG
#define NOSPILL
#endif
#if IDP != NONE && !defined(NOSPILL) && !defined(NOLINE)
#define INLINE           /* a lapsed lease is taken over in its turn only */
#endif

#define LATER CALLERS
#define FIRSTDOG CALLERS+1
#define IDS CALLERS+3+MAXCRASH+MAXLOSS+STOREDOWN

/* ---- provider: one family of refresh tokens per grant; a token is its number in the family ---- */
byte live[2] = 1;
byte prev[2];            /* the predecessor, while its grace time runs */
bool revoked[2];
byte wire[2];            /* requests travelling */
byte lapses;             /* dead holders since the last rotation */

/* ---- the row; every write raises its revision ---- */
#define ACTIVE 0
#define NEEDSSIGNIN 1
#define DISCONNECTED 2
byte grant;
byte status;
byte cur = 1;
byte inbox;
byte owner;              /* 0: no lease; otherwise the holder's number + 1 */
bool takenOver;
bool access;             /* a kept access token that is good */
short seen;              /* bit of everybody whose last read still shows the row's revision */

/* ---- queues ---- */
bool watched;            /* standard: a watchdog message of the current lease; those of others find nothing to do */
#define SPILL 1
#define TAKEOVER 2
/* FIFO: kind, owner, grant, token; what is not done is handed out again. One line is enough for both grants: what is left of the one that is
   over changes nothing in the other */
chan line = [10] of { byte, byte, byte, byte };
#ifdef UNORDERED
#define NEXT line??      /* a queue without order */
#else
#define NEXT line?
#endif

/* ---- what the checks need to know ---- */
byte durable[2] = 1;     /* newest token in the row or in the queue */
bool lost[2];            /* a successor has died with its only holder */
bool early;              /* an access token left before its write */
bool backwards;          /* an older token replaced a newer one */
bool twice;              /* two requests of one grant on the wire */
bool overruled;          /* something old got into a grant that the user had ended */
bool gotToken;
bool hangs;              /* nobody is left who would come for the grant */

byte crashes; byte losses; byte storeDowns; byte queueDowns; byte expiries;
byte started; byte done; bool over; bool userDone;
bool gone[IDS];          /* the platform has ended that invocation, so its lease lapses */
byte late; byte lateGrant;

#define BIT(i) (1 << (i))
#define WROTE seen = 0
#define NEWEST (inbox > cur -> inbox : cur)
#define HOLDS (status == ACTIVE && grant == g && owner == me + 1)
#ifdef SHORTLEASE
#define LAPSED(o) true
#else
#define LAPSED(o) gone[o - 1]
#endif
/* a lapsed lease whose holder may have spilled: for the consumer of the line alone */
#ifdef INLINE
#define STANDSINLINE (owner != 0 && LAPSED(owner) && inbox <= cur)
#else
#define STANDSINLINE false
#endif
#ifdef ANYTAKESOVER
#define BUSY (owner != 0 && !LAPSED(owner))
#else
#define BUSY (owner != 0 && (!LAPSED(owner) || STANDSINLINE))
#endif
#define MAYDIE (me != LATER && crashes < MAXCRASH)

inline present(f, t, r) { /* r: 0 refused, otherwise the token to keep */
  if
  :: revoked[f] -> r = 0
  :: else ->
#if IDP == NONE
     r = (t == live[f] -> t : 0)
#else
     if
     :: t == live[f] -> prev[f] = (IDP == GRACE -> t : 0); live[f]++; r = live[f]; lapses = 0
     :: t != live[f] && t == prev[f] -> r = live[f]
     :: else -> revoked[f] = true; r = 0
     fi
#endif
  fi
}

inline freeLease() { owner = 0; takenOver = false; watched = false }

#define ASKED line??[TAKEOVER, eval(owner), eval(grant), 0]
inline ask() { assert(nfull(line)); line!TAKEOVER, owner, grant, 0 }

inline keep(t) { /* into the row, by whoever may */
  if :: t < durable[g] -> backwards = true :: else fi;
  if :: g != grant || status == DISCONNECTED -> overruled = true :: else fi;
  durable[g] = (t > durable[g] -> t : durable[g]);
  cur = t; access = true; WROTE
}

proctype actor(byte me) {
  byte tok, res, g, from, fromGrant, before;
  bool wasTakenOver;

begin:
  atomic {
    if
#ifdef ANYORDER
    :: me < CALLERS
#else
    :: me < CALLERS && started == me -> started++
#endif
    :: me == LATER && done == CALLERS && userDone
#if defined(INLINE)
    /* only looked at: it leaves the line when it is done */
    :: me >= FIRSTDOG && NEXT[TAKEOVER, from, fromGrant, 0] -> NEXT<TAKEOVER, from, fromGrant, 0>;
       (over || grant != fromGrant || owner == from || !takenOver || LAPSED(owner))
#elif !defined(NOWATCHDOG)
    /* the message comes when the lease has run out */
    :: me >= FIRSTDOG && watched && LAPSED(owner) -> from = owner
#endif
    :: me >= FIRSTDOG && over -> goto gone_home
    fi;
    goto look
  }

  /* step 1: a strong read */
look:
  atomic {
    if
    :: status != ACTIVE -> goto fin
    /* whoever took over may have died before its own message was sent: the doubt is as old as this one */
#if defined(ONLYOWN)
    :: me >= FIRSTDOG && owner != from -> goto fin
#elif defined(INLINE)
    :: me >= FIRSTDOG && (grant != fromGrant || owner != from && !takenOver) -> goto fin
    :: me >= FIRSTDOG && grant == fromGrant && owner != from && takenOver && !LAPSED(owner) -> goto again
    :: me >= FIRSTDOG && grant == fromGrant && owner != from && takenOver && STANDSINLINE -> ask(); goto fin
#else
    :: me >= FIRSTDOG && owner != from && !(takenOver && LAPSED(owner)) -> goto fin
#endif
    :: me < CALLERS && access -> WROTE; goto fin                    /* served; noted in the history */
#ifndef NOLEASE
    :: me < CALLERS && !access && BUSY
#ifdef TTL
       -> skip                                                  /* the lock may lapse while its holder lives */
    :: me < CALLERS && !access && BUSY
#endif
       -> goto fin                                              /* waited in vain: 503 */
    :: me == LATER && BUSY -> goto queue
#endif
    :: else
    fi;
    g = grant; tok = NEWEST;
#ifdef ONESTEP
    goto intent
#else
    seen = seen | BIT(me)
#endif
  }
  goto prepared;
queue:
  atomic { if :: !BUSY -> goto look :: timeout -> hangs = true; goto verdict fi }

  /* step 2 changes nothing; step 3: the intent */
prepared:
#if defined(WATCHFIRST) && !defined(NOWATCHDOG)
  atomic { if :: queueDowns < QUEUEDOWN && me != LATER -> queueDowns++; goto again :: true fi }
#endif
#ifndef NOLEASE
  atomic {
    if :: MAYDIE -> crashes++; goto die :: true fi;
#if defined(TTL)
    if :: status == ACTIVE && grant == g :: else -> goto look fi;
#elif defined(CLAUSES)
    if :: status == ACTIVE && grant == g && (!BUSY || me >= FIRSTDOG && LAPSED(owner)) :: else -> goto look fi;
#else
    if :: (seen & BIT(me)) == 0 -> goto look :: else fi;
#endif
intent:
    before = owner; wasTakenOver = takenOver;
    takenOver = (owner != 0); lapses = lapses + (IDP == GRACE && owner != 0 -> 1 : 0);
    cur = NEWEST; inbox = 0; owner = me + 1; WROTE;
#if defined(WATCHFIRST) && !defined(NOWATCHDOG)
    watched = true
#elif defined(ONLYOWN)
    watched = false
#else
    watched = (before != 0 && watched)
#endif
  }
#endif

  /* step 4: a watchdog, before anything is spent */
#if !defined(NOWATCHDOG) && !defined(WATCHFIRST)
  atomic {
    if :: MAYDIE -> crashes++; goto die :: true fi;
    if
    :: HOLDS -> watched = true
    :: !HOLDS
    :: queueDowns < QUEUEDOWN && me != LATER -> queueDowns++;
       if
       /* given back at once: no lease has run out meanwhile */
       :: HOLDS -> owner = before; takenOver = wasTakenOver;
#ifndef INLINE
          watched = (watched || me >= FIRSTDOG);
#endif
          lapses = lapses - (IDP == GRACE && before != 0 -> 1 : 0); WROTE
       :: else
       fi;
       goto again
    fi
  }
#endif

  /* step 5: one request */
  atomic {
    if :: MAYDIE -> crashes++; goto die :: true fi;
    wire[g]++; if :: wire[g] > 1 -> twice = true :: else fi
  }
  if
  :: atomic { MAYDIE -> crashes++; wire[g]--;
#ifdef LATEREQUEST
       if :: late == 0 -> late = tok; lateGrant = g :: else fi;
#endif
       goto die }
  :: atomic { me != LATER && losses < MAXLOSS -> losses++; wire[g]--; goto doubt }
  :: atomic { true -> present(g, tok, res) }   /* `true`: or the `else` in there would count for all three */
  fi;
  if
  :: atomic { MAYDIE -> crashes++; wire[g]--; if :: res > durable[g] -> lost[g] = true :: else fi; goto die }
  :: atomic { me != LATER && losses < MAXLOSS -> losses++; wire[g]--; if :: res > durable[g] -> lost[g] = true :: else fi; goto doubt }
  :: atomic { wire[g]--; if :: res == 0 -> goto refusal :: else fi }
  fi;

  /* step 6: durable first */
#ifdef RELEASEFIRST
  atomic { if :: res > durable[g] -> early = true :: else fi }
#endif
  atomic {
    if :: MAYDIE -> crashes++; if :: res > durable[g] -> lost[g] = true :: else fi; goto die :: true fi;
#if defined(NAIVE) || defined(TTL)
    keep(res); freeLease()
#elif defined(CASDROP)
    if :: (seen & BIT(me)) != 0 -> keep(res) :: else -> goto fin fi
#else
    if
    :: HOLDS -> keep(res); freeLease()
#ifndef NOSPILL
    :: res > durable[g] && storeDowns < STOREDOWN && me != LATER ->
       storeDowns++; assert(nfull(line)); line!SPILL, me + 1, g, res; durable[g] = res
#endif
#ifdef LOSERDROPS
    :: !HOLDS -> goto look
#else
    /* the lease is lost: never dropped, never in the way */
    :: !HOLDS ->
       if
       :: res == tok || res <= durable[g]
       :: else ->
          if
          :: status == ACTIVE && grant == g -> inbox = (res > inbox -> res : inbox); durable[g] = res; WROTE
          :: else -> revoked[g] = true
          fi
       fi;
       goto look
#endif
    fi
#endif
  }
  /* step 7: released */
  atomic {
    if :: MAYDIE -> crashes++; goto die :: true fi;
    if :: res > durable[g] -> early = true :: else fi;
    if :: me == LATER -> gotToken = true :: else fi;
    goto fin
  }

  /* step 8: a refusal counts only for the row as we hold it */
refusal:
  atomic {
    if :: MAYDIE -> crashes++; goto die :: true fi;
    if
#if defined(NORECHECK)
    :: status == ACTIVE -> status = NEEDSSIGNIN; freeLease(); WROTE; goto fin
    :: else -> goto fin
#elif defined(NOFENCE)
    :: status == ACTIVE && cur == tok -> status = NEEDSSIGNIN; freeLease(); WROTE; goto fin
    :: else -> goto fin
#else
    :: HOLDS && inbox > cur -> freeLease(); WROTE; goto look
    :: HOLDS && inbox <= cur -> status = NEEDSSIGNIN; freeLease(); WROTE; goto fin
    :: !HOLDS -> goto look
#endif
    fi
  }

  /* no usable answer: a rotating provider may have spent the token, so the lease stays until it runs out */
doubt:
  atomic {
    if :: MAYDIE -> crashes++; goto die :: true fi;
#if IDP == NONE || defined(RELEASEINDOUBT)
    if :: HOLDS -> freeLease(); WROTE :: else fi
#else
    if :: HOLDS -> WROTE :: else fi
#endif
  }
  goto again;

fin:
  atomic {
    if :: me >= FIRSTDOG && NEXT[TAKEOVER, eval(from), eval(fromGrant), 0] -> NEXT TAKEOVER, eval(from), eval(fromGrant), 0 :: else fi;
again:
die:
    seen = seen & ~BIT(me);
    if
    :: me < FIRSTDOG -> gone[me] = true; done++
    :: me >= FIRSTDOG ->
       /* a new invocation is a new owner wherever the old one has left something */
       if :: owner == me + 1 -> gone[me] = true; me++ :: else fi
    fi;
    tok = 0; res = 0; g = 0; from = 0; fromGrant = 0; before = 0; wasTakenOver = false;
    if
    :: me >= FIRSTDOG -> goto begin
    :: me == LATER -> goto verdict
    :: else -> goto gone_home
    fi
  }

verdict:
  atomic {
#ifdef KEPT
    /* I2, I8, I9: the later caller has a token, unless the user wanted none */
    assert(gotToken || status == DISCONNECTED);
    assert(status == DISCONNECTED || (status == ACTIVE && !revoked[grant] && NEWEST == live[grant]));
#endif
#ifdef MARKED
    /* strict: a loss is marked, and nothing is marked unless a successor died with its only holder */
    assert(gotToken || status != ACTIVE);
    assert(status != ACTIVE || (!revoked[grant] && NEWEST == live[grant]));
    assert(status != NEEDSSIGNIN || lost[grant]);
#endif
#ifdef SINGLE
    assert(!twice);
#endif
    assert(!hangs);
    assert(!early);
    assert(!backwards);
    assert(!overruled);
    over = true
  }
gone_home: skip
}

/* what was spilled finds its place, in its turn, as soon as the store takes writes */
proctype placer() {
  byte t, by, g;
  do
  :: atomic { NEXT SPILL, by, g, t ->
       if
       :: grant != g || status == DISCONNECTED -> revoked[g] = true
       :: grant == g && status != DISCONNECTED && NEWEST >= t
       :: grant == g && status == NEEDSSIGNIN && NEWEST < t ->
          status = ACTIVE; inbox = t; owner = by; takenOver = true; watched = false; WROTE
       :: grant == g && status == ACTIVE && NEWEST < t && owner == by -> cur = t; freeLease(); WROTE
       :: grant == g && status == ACTIVE && NEWEST < t && owner != by -> inbox = t; WROTE
       fi;
       t = 0; by = 0; g = 0 }
  :: over -> break
  od
}

#ifdef INLINE
/* whoever finds such a lease asks for it to be taken over: its watchdog message, once, and any caller or the sweeper, unless somebody has. What
   these take over themselves, the inbox being newer, a caller may take over as well, so that is left to the callers */
proctype asker() {
  do
  :: atomic { watched && STANDSINLINE -> ask(); watched = false }
#ifndef WATCHDOGASKS
  :: atomic { status == ACTIVE && STANDSINLINE && !ASKED -> ask() }
#endif
  :: over -> break
  od
}
#endif

/* the user wins over whatever is in flight */
proctype user() {
  atomic {
    if
#ifdef USER
    :: !over -> grant = 1; status = ACTIVE; cur = 1; inbox = 0; access = false; freeLease(); WROTE
    :: !over -> status = DISCONNECTED; inbox = 0; access = false; freeLease(); WROTE
#endif
    :: skip
    fi;
    userDone = true
  }
}

/* the grace time runs out, but not while a watchdog, or what it has asked for, is sure to come at once; behind something spilled it is not */
#define COMING (watched || line??[TAKEOVER, _, _, _])
#define ABANDONED (owner == 0 || (LAPSED(owner) && !COMING) || lapses > WINDOW || line??[SPILL, _, _, _])
proctype window() {
  do
  :: atomic { prev[0] != 0 && (grant != 0 || ABANDONED) -> prev[0] = 0 }
  :: atomic { prev[1] != 0 && (grant != 1 || ABANDONED) -> prev[1] = 0 }
  :: over -> break
  od
}

proctype expiry() {
  do
  :: atomic { access && expiries < MAXEXPIRE -> expiries++; access = false }
  :: over || expiries == MAXEXPIRE -> break
  od
}

/* breaks A3: the request of a dead sender arrives when it likes */
proctype network() {
  byte r;
  do
  :: atomic { late != 0 -> present(lateGrant, late, r); late = 0; r = 0 }
  :: over -> break
  od
}

init {
  byte i;
  atomic {
    do :: i < CALLERS + 2 -> run actor(i); i++ :: else -> break od;
    run user();
#if STOREDOWN > 0
    run placer();
#endif
#ifdef INLINE
    run asker();
#endif
#if IDP == GRACE && !defined(OPENWINDOW)
    run window();
#endif
#if MAXEXPIRE > 0
    run expiry();
#endif
#ifdef LATEREQUEST
    run network();
#endif
  }
}
