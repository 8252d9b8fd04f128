"""What the robot says about its work, in the person's language."""

from __future__ import annotations

from nl_planner.language.replies import filled

_SENTENCES = {
    "starting": ("好，我去{task}。", "All right: {task}."),
    "queued": (
        "好，手上的做完就去{task}，前面还有 {count} 件。",
        "All right: {task}, after the {count} before it.",
    ),
    "amended": ("好，改成{task}。", "All right, instead: {task}."),
    "clean_already": ("那里已经扫过了。", "That is already done."),
    "planned": (
        "可以：{task}，路线 {length} 米，大约 {time}。我没有动。",
        "I could: {task}, {length} m, about {time}. I have not moved.",
    ),
    "confirm": ("我要去{task}，可以开始吗？", "I am about to: {task}. Shall I start?"),
    "unconfirmed": ("没有等到您的确认，我先不做了。", "Nobody confirmed, so I leave it."),
    "not_confirmed": ("好，那我不做了。", "All right, I leave it."),
    "nothing_to_confirm": ("没有在等确认的事。", "Nothing waits for a yes."),
    "done": (
        "做完了：清洁了 {area} 平方米，覆盖 {share}，用了 {time}。",
        "Done: {area} m² cleaned, {share} of the place, in {time}.",
    ),
    "there": ("我到了。", "I am there."),
    "blocked": (
        "做完了能到的地方，覆盖 {share}；有 {count} 处被挡住，约 {left} 平方米没扫到。",
        "I did what I could reach, {share} of the place; something stood in the way at {count} "
        "place(s), about {left} m² are left.",
    ),
    "in_the_way": (
        "({x}, {y}) 那里有东西挡着，约 {area} 平方米没扫到。",
        "Something stands in the way at ({x}, {y}); about {area} m² are not clean.",
    ),
    "no_way": ("过不去，路被挡住了。", "I cannot get there: the way is blocked."),
    "cancelled": (
        "好，我停下了，已经清洁了 {area} 平方米（{share}）。",
        "All right, I have stopped; {area} m² ({share}) are done.",
    ),
    "dropped": ("好，不做了。", "All right, I leave it."),
    "stopped": ("好，我停下了。", "All right, I have stopped."),
    "nothing_to_stop": ("我现在没有在做事。", "I am not doing anything."),
    "paused": ("好，我先停一下，说“继续”我就接着做。", "Paused; say 'go on' and I continue."),
    "resumed": ("好，接着做：{task}。", "Going on: {task}."),
    "nothing_to_resume": ("没有可以接着做的事。", "There is nothing to go on with."),
    "offer": (
        "上次{task}做到 {share} 就断了，要接着做吗？",
        "I was interrupted at {share} of: {task}. Shall I go on?",
    ),
    "offer_dropped": ("好，那件事就不做了。", "All right, I leave that."),
    "docking": ("好，我回充电座。", "All right, I go to my dock."),
    "no_dock": (
        "我不知道充电座在哪里，请在参数 dock_pose 里设好。",
        "I do not know where my dock is; it is set by the parameter dock_pose.",
    ),
    "no_way_to_dock": (
        "我回不到充电座，找不到能走的路。请清出路来，或者把我推过去。",
        "I find no way to my dock. Please clear one, or push me there.",
    ),
    "trouble": (
        "我的程序出了故障，这件事没能做成。请找维护人员看日志。",
        "My software failed, so I could not do that. Please call whoever looks after me; the log "
        "says more.",
    ),
    "status_working": (
        "我正在{task}，完成了 {share}，大约还要 {time}。{more}",
        "I am at it: {task}; {share} done, about {time} to go.{more}",
    ),
    "status_more": ("后面还有 {count} 件事。", " {count} more after that."),
    "status_planning": ("我正在想怎么走：{task}。", "I am planning: {task}."),
    "status_paused": ("我暂停着：{task}，完成了 {share}。", "I am paused: {task}; {share} done."),
    "status_confirming": ("我在等您确认：{task}。", "I wait for your yes: {task}."),
    "status_idle": ("我现在没事做。", "I have nothing to do."),
    "wrong": (
        "好，我先停下。那应该怎么做？",
        "All right, I have stopped. What should I do instead?",
    ),
    "not_mine": ("这不是我能做的事，我只管打扫。", "That is not for me; I clean."),
    "remember": (
        "我还不会在这里记新地名，请写进场地文件。",
        "I cannot learn names here yet; write them into the site file.",
    ),
    "absent": (
        "导航没有启动，我开不了。已完成 {share}，说“继续”我再试。",
        "Navigation is not running, so I cannot drive. {share} done; say 'go on' and I try again.",
    ),
    "rejected": (
        "导航不接受这条路线。已完成 {share}，说“继续”我再试。",
        "Navigation does not take this path. {share} done; say 'go on' and I try again.",
    ),
    "timed_out": (
        "导航太久没有动静，我停下了。已完成 {share}，说“继续”我再试。",
        "Navigation made no progress for too long, so I stopped. {share} done; say 'go on' and I "
        "try again.",
    ),
    "lost": (
        "我不知道自己在哪里（定位没有更新），我停下了。已完成 {share}，说“继续”我再试。",
        "I do not know where I am (the position is stale), so I stopped. {share} done; say 'go on' "
        "and I try again.",
    ),
    "off_the_map": (
        "我不在地图能走的地方 ({x}, {y})，请先把我挪回去或重新定位。",
        "I am off the drivable part of my map, at ({x}, {y}); move me back or localise me again.",
    ),
    "waiting_for_navigation": (
        "导航还没有启动，我等着。",
        "Navigation is not running yet; I wait.",
    ),
    "too_many": (
        "排着的事太多了（{count} 件），请等我做完一些。",
        "Too many things wait already ({count}); let me do some first.",
    ),
    "inactive": ("我现在不在工作状态。", "I am not in service now."),
}


def say(key: str, language: str, **values: str) -> str:
    """The sentence of that key; ``values`` fill its blanks."""
    return filled(_SENTENCES[key], language, **values)
