-- A journal as the first format of its tables had it.
CREATE TABLE journal_format (version INTEGER NOT NULL);
INSERT INTO journal_format VALUES (1);
CREATE TABLE entry (id INTEGER PRIMARY KEY AUTOINCREMENT, site TEXT NOT NULL, at DOUBLE PRECISION NOT NULL, text TEXT NOT NULL, language TEXT NOT NULL, robot TEXT, who TEXT, pose TEXT, operator TEXT, before TEXT, answers BIGINT, corrects BIGINT, status TEXT NOT NULL, understanding TEXT NOT NULL, slots TEXT NOT NULL, model TEXT, plan TEXT, outcome TEXT, verdict TEXT);
CREATE INDEX entry_at ON entry (site, at);
CREATE TABLE lesson (id INTEGER PRIMARY KEY AUTOINCREMENT, site TEXT NOT NULL, at DOUBLE PRECISION NOT NULL, text TEXT NOT NULL, spoken TEXT NOT NULL, language TEXT NOT NULL, before TEXT, understanding TEXT NOT NULL, source TEXT NOT NULL, entry BIGINT, who TEXT, taken_back DOUBLE PRECISION);
CREATE INDEX lesson_spoken ON lesson (site, spoken);
CREATE INDEX lesson_entry ON lesson (entry);
CREATE TABLE alias (id INTEGER PRIMARY KEY AUTOINCREMENT, site TEXT NOT NULL, at DOUBLE PRECISION NOT NULL, name TEXT NOT NULL, spoken TEXT NOT NULL, target TEXT NOT NULL, entry BIGINT, who TEXT, taken_back DOUBLE PRECISION);
CREATE INDEX alias_spoken ON alias (site, spoken);
CREATE TABLE changes (site TEXT PRIMARY KEY, number BIGINT NOT NULL);
INSERT INTO entry VALUES (7, 'Garden', 1795000000.5, '扫一下圆盘', 'zh', 'robot_1', NULL, '[1,2,0.5]', NULL, NULL, NULL, NULL, 'ready', '{"intent":"clean","status":"ready","tasks":[{"action":"sweep","object":null,"place":{"relation":"in","landmarks":["plaza"],"distance":null},"except":[],"passes":1}],"question":null,"options":[],"reason":null,"confidence":0.9}', '[["start"," sweep",0.9," vacuum",0.1]]', 'qwen2.5-coder-0.5b', NULL, '{"outcome":"done"}', 'right');
INSERT INTO lesson VALUES (1, 'Garden', 1795000001.5, '扫一下圆盘', '扫1下圆盘', 'zh', NULL, '{"intent":"clean","status":"ready","tasks":[{"action":"sweep","object":null,"place":{"relation":"in","landmarks":["plaza"],"distance":null},"except":[],"passes":1}],"question":null,"options":[],"reason":null,"confidence":0.9}', 'confirmed', 7, NULL, NULL);
INSERT INTO alias VALUES (1, 'Garden', 1795000002.5, '圆盘', '圆盘', 'plaza', 7, NULL, NULL);
INSERT INTO changes VALUES ('Garden', 2);
