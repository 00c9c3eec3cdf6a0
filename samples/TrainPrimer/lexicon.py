"""The words of the corpus, each with its Chinese and its English forms.

One table serves both languages, so that translations ("I eat an apple. 我吃一个苹果。")
agree by construction. Every row is one entry; the columns are explained above each table.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Noun:
    zh: str
    measure: str          # the Chinese measure word: 一只猫, 一本书
    en: str
    plural: str           # "-" marks a noun that is not counted: some water

    def form(self, lang: str, name: str) -> str:
        if lang == "zh":
            return {"": self.zh, "one": "一" + self.measure + self.zh, "this": "这" + self.measure + self.zh,
                    "m": self.measure, "two": "两" + self.measure + self.zh,
                    "three": "三" + self.measure + self.zh}[name]
        counted = self.plural != "-"
        many = self.plural if counted else self.en
        article = "an " if self.en[0] in "aeiou" else "a "
        return {"": self.en, "one": (article if counted else "some ") + self.en, "pl": many, "the": "the " + self.en,
                "two": "two " + many, "three": "three " + many}[name]


@dataclass(frozen=True)
class Verb:
    """A verb phrase: 踢足球 / play football, plays football, playing football, played football."""
    zh: str
    zh_done: str          # what is over: 踢了足球
    en: str
    third: str
    ing: str
    past: str

    def form(self, lang: str, name: str) -> str:
        if lang == "zh":
            return self.zh_done if name == "past" else self.zh
        return {"": self.en, "s": self.third, "ing": self.ing, "past": self.past}[name]


@dataclass(frozen=True)
class Word:
    """Any word that needs no more than one or two forms."""
    zh: str
    en: str
    zh_forms: tuple = ()
    en_forms: tuple = ()

    def form(self, lang: str, name: str) -> str:
        if not name:
            return self.zh if lang == "zh" else self.en
        return dict(self.zh_forms if lang == "zh" else self.en_forms)[name]


@dataclass(frozen=True)
class Person:
    zh: str
    en: str
    kind: str             # m, f: he, she; 1, 2: I, you; w, t: we, they

    def form(self, lang: str, name: str) -> str:
        if not name:
            return self.zh if lang == "zh" else self.en
        if lang == "zh":
            return {"m": "他", "f": "她", "1": "我", "2": "你", "w": "我们", "t": "他们"}[self.kind]
        if name in ("be", "was", "do", "have", "need"):
            third = self.kind in "mf"
            return {"be": "is" if third else "am" if self.kind == "1" else "are",
                    "was": "was" if third or self.kind == "1" else "were",
                    "do": "does" if third else "do", "have": "has" if third else "have",
                    "need": "needs" if third else "need"}[name]
        he, him, his = {"m": ("he", "him", "his"), "f": ("she", "her", "her"), "1": ("I", "me", "my"),
                        "2": ("you", "you", "your"), "w": ("we", "us", "our"), "t": ("they", "them", "their")}[self.kind]
        return {"he": he, "him": him, "his": his}[name]


def _rows(table: str, columns: int):
    for line in table.strip().splitlines():
        for row in line.split(";"):
            cells = [cell.strip() for cell in row.strip().split("/")]
            if cells != [""]:
                assert len(cells) == columns, row
                yield cells


# Chinese / measure word / English / plural
_NOUNS = {
    "fruit": "苹果/个/apple/apples; 香蕉/根/banana/bananas; 橘子/个/orange/oranges; 梨/个/pear/pears; 桃子/个/peach/peaches; 西瓜/个/watermelon/watermelons; 草莓/颗/strawberry/strawberries; 芒果/个/mango/mangoes",
    "dish": "面条/碗/noodles/-; 米饭/碗/rice/-; 鸡蛋/个/egg/eggs; 面包/片/bread/-; 蛋糕/块/cake/cakes; 鱼/条/fish/-; 汤/碗/soup/-; 饺子/盘/dumplings/-; 包子/个/bun/buns; 鸡肉/块/chicken/-; 饼干/块/cookie/cookies; 豆腐/块/tofu/-; 土豆/个/potato/potatoes",
    "drink": "水/杯/water/-; 牛奶/杯/milk/-; 茶/杯/tea/-; 果汁/杯/juice/-; 咖啡/杯/coffee/-; 豆浆/杯/soy milk/-",
    "pet": "猫/只/cat/cats; 狗/只/dog/dogs; 兔子/只/rabbit/rabbits; 鸟/只/bird/birds; 乌龟/只/turtle/turtles; 小鸡/只/chick/chicks; 鸭子/只/duck/ducks",
    "animal": "马/匹/horse/horses; 牛/头/cow/cows; 羊/只/sheep/sheep; 老虎/只/tiger/tigers; 大象/头/elephant/elephants; 猴子/只/monkey/monkeys; 熊猫/只/panda/pandas; 狮子/头/lion/lions; 狐狸/只/fox/foxes; 熊/头/bear/bears",
    "thing": "书包/个/bag/bags; 铅笔/支/pencil/pencils; 本子/个/notebook/notebooks; 杯子/个/cup/cups; 雨伞/把/umbrella/umbrellas; 手机/部/phone/phones; 钥匙/把/key/keys; 帽子/顶/hat/hats; 手表/块/watch/watches; 气球/个/balloon/balloons; 球/个/ball/balls; 盒子/个/box/boxes; 礼物/件/gift/gifts",
    "clothes": "衣服/件/coat/coats; 裙子/条/dress/dresses; 鞋/双/pair of shoes/pairs of shoes; 毛衣/件/sweater/sweaters; 裤子/条/pair of trousers/pairs of trousers; 衬衫/件/shirt/shirts",
    "reading": "书/本/book/books; 报纸/份/newspaper/newspapers; 故事/个/story/stories; 小说/本/novel/novels; 信/封/letter/letters; 诗/首/poem/poems",
    "plant": "花/朵/flower/flowers; 树/棵/tree/trees; 草/棵/grass/-; 玫瑰/朵/rose/roses; 向日葵/朵/sunflower/sunflowers",
    "vehicle": "汽车/辆/car/cars; 自行车/辆/bicycle/bicycles; 火车/列/train/trains; 公共汽车/辆/bus/buses; 船/条/boat/boats; 飞机/架/plane/planes; 出租车/辆/taxi/taxis",
    "furniture": "桌子/张/table/tables; 椅子/把/chair/chairs; 床/张/bed/beds; 沙发/个/sofa/sofas; 柜子/个/cupboard/cupboards; 书桌/张/desk/desks",
}
NOUNS = {kind: [Noun(*row) for row in _rows(rows, 4)] for kind, rows in _NOUNS.items()}

# Chinese / English / third person / -ing / past
_ACTIVITIES = """
游泳/swim/swims/swimming/swam; 跑步/run/runs/running/ran; 唱歌/sing/sings/singing/sang; 跳舞/dance/dances/dancing/danced
踢足球/play football/plays football/playing football/played football; 打篮球/play basketball/plays basketball/playing basketball/played basketball
打乒乓球/play table tennis/plays table tennis/playing table tennis/played table tennis; 下棋/play chess/plays chess/playing chess/played chess
弹钢琴/play the piano/plays the piano/playing the piano/played the piano; 画画/paint/paints/painting/painted
看电视/watch television/watches television/watching television/watched television; 听音乐/listen to music/listens to music/listening to music/listened to music
看电影/watch a film/watches a film/watching a film/watched a film; 做作业/do homework/does homework/doing homework/did homework
打扫房间/clean the room/cleans the room/cleaning the room/cleaned the room; 洗碗/wash the dishes/washes the dishes/washing the dishes/washed the dishes
做饭/cook/cooks/cooking/cooked; 洗衣服/wash clothes/washes clothes/washing clothes/washed clothes; 骑自行车/ride a bicycle/rides a bicycle/riding a bicycle/rode a bicycle
学习中文/study Chinese/studies Chinese/studying Chinese/studied Chinese; 学习英语/study English/studies English/studying English/studied English
学习数学/study mathematics/studies mathematics/studying mathematics/studied mathematics; 写日记/write a diary/writes a diary/writing a diary/wrote a diary
拍照/take photos/takes photos/taking photos/took photos; 散步/take a walk/takes a walk/taking a walk/took a walk; 爬山/climb a hill/climbs a hill/climbing a hill/climbed a hill
钓鱼/go fishing/goes fishing/going fishing/went fishing; 种花/plant flowers/plants flowers/planting flowers/planted flowers; 放风筝/fly a kite/flies a kite/flying a kite/flew a kite
浇花/water the flowers/waters the flowers/watering the flowers/watered the flowers; 写信/write a letter/writes a letter/writing a letter/wrote a letter
"""
_DONE = {"游泳": "游了泳", "跑步": "跑了步", "唱歌": "唱了歌", "跳舞": "跳了舞", "散步": "散了步", "拍照": "拍了照",
         "打扫房间": "打扫了房间", "学习中文": "学习了中文", "学习英语": "学习了英语", "学习数学": "学习了数学"}


def _done(zh: str) -> str:
    return _DONE.get(zh) or zh[0] + "了" + zh[1:]


ACTIVITIES = [Verb(zh, _done(zh), *forms) for zh, *forms in _rows(_ACTIVITIES, 5)]

# Chinese verb / English forms / kinds of object it takes
_TRANSITIVE = """
吃/eat/eats/eating/ate/fruit dish; 喝/drink/drinks/drinking/drank/drink; 买/buy/buys/buying/bought/fruit dish drink thing clothes reading vehicle plant
读/read/reads/reading/read/reading; 写/write/writes/writing/wrote/reading; 画/draw/draws/drawing/drew/pet animal plant vehicle thing
看见/see/sees/seeing/saw/pet animal plant vehicle thing; 养/keep/keeps/keeping/kept/pet; 洗/wash/washes/washing/washed/fruit clothes; 找/look for/looks for/looking for/looked for/thing pet
卖/sell/sells/selling/sold/fruit dish thing clothes; 做/make/makes/making/made/dish
"""


def _transitive():
    for zh, en, third, ing, past, kinds in _rows(_TRANSITIVE, 6):
        for noun in (noun for kind in kinds.split() for noun in NOUNS[kind]):
            thing, one = noun.form("en", "one"), noun.form("zh", "one")
            # 看见了 keeps its two characters together; one-character verbs take 了 the same way.
            yield Verb(zh + one, zh + "了" + one, f"{en} {thing}", f"{third} {thing}", f"{ing} {thing}", f"{past} {thing}")


TRANSITIVE = list(_transitive())

# Chinese / English / m or f. The Chinese and the English names are used apart from each other.
PEOPLE_ZH = [Person(zh, "", kind) for zh, kind in _rows("小明/m; 小红/f; 小华/m; 小丽/f; 李雷/m; 韩梅梅/f; 王芳/f; 张伟/m; 小刚/m; 丽丽/f; 刘洋/m; 陈静/f; 小林/m; 小美/f", 2)]
PEOPLE_EN = [Person("", en, kind) for en, kind in _rows("Tom/m; Anna/f; Peter/m; Lucy/f; Jack/m; Mary/f; Ben/m; Emma/f; David/m; Alice/f; Sam/m; Kate/f; Paul/m; Lily/f", 2)]
PRONOUNS = [Person(*row) for row in _rows("我/I/1; 你/you/2; 他/he/m; 她/she/f; 我们/we/w; 他们/they/t", 3)]
FAMILY = [Person(*row) for row in _rows("爸爸/my father/m; 妈妈/my mother/f; 哥哥/my big brother/m; 姐姐/my big sister/f; 弟弟/my little brother/m; 妹妹/my little sister/f; 爷爷/my grandfather/m; 奶奶/my grandmother/f; 叔叔/my uncle/m", 3)]
ROLES = [Person(*row) for row in _rows("我的朋友/my friend/f; 老师/the teacher/f; 医生/the doctor/m; 农民/the farmer/m; 司机/the driver/m; 孩子们/the children/t; 学生们/the students/t; 护士/the nurse/f; 工人/the worker/m; 厨师/the cook/m; 警察/the policeman/m; 邻居/our neighbour/f; 同学们/my classmates/t", 3)]

# Chinese / English / where / to where
PLACES = [Word(zh, en, (("in", "在" + zh), ("to", "去" + zh)), (("in", where), ("to", to))) for zh, en, where, to in _rows("""
公园/the park/in the park/to the park; 学校/the school/at school/to school; 图书馆/the library/in the library/to the library; 商店/the shop/in the shop/to the shop
动物园/the zoo/at the zoo/to the zoo; 医院/the hospital/in the hospital/to the hospital; 河边/the river/by the river/to the river; 海边/the sea/by the sea/to the sea
市场/the market/at the market/to the market; 火车站/the station/at the station/to the station; 花园/the garden/in the garden/to the garden; 山上/the mountain/on the mountain/up the mountain
博物馆/the museum/in the museum/to the museum; 电影院/the cinema/at the cinema/to the cinema; 饭馆/the restaurant/in the restaurant/to the restaurant; 村子里/the village/in the village/to the village
""", 4)]

# What people do at each place; the activities here that are not among ACTIVITIES are only done there.
_ERRANDS = """
买东西/do some shopping/does some shopping/doing some shopping/did some shopping; 看书/read books/reads books/reading books/read books
看动物/look at the animals/looks at the animals/looking at the animals/looked at the animals; 看病/see a doctor/sees a doctor/seeing a doctor/saw a doctor
等车/wait for the train/waits for the train/waiting for the train/waited for the train; 吃饭/have dinner/has dinner/having dinner/had dinner
聊天/talk with friends/talks with friends/talking with friends/talked with friends; 休息/take a rest/takes a rest/taking a rest/took a rest
看风景/enjoy the view/enjoys the view/enjoying the view/enjoyed the view; 看花/look at the flowers/looks at the flowers/looking at the flowers/looked at the flowers
喝茶/drink tea/drinks tea/drinking tea/drank tea; 工作/work/works/working/worked; 帮助病人/help the sick/helps the sick/helping the sick/helped the sick
看画/look at the pictures/looks at the pictures/looking at the pictures/looked at the pictures; 买菜/buy vegetables/buys vegetables/buying vegetables/bought vegetables
"""
_DONE.update({"聊天": "聊了天", "帮助病人": "帮助了病人", "休息": "休息了一会儿", "工作": "工作了一天"})
_AT = """
the park/跑步 唱歌 跳舞 踢足球 下棋 画画 骑自行车 拍照 散步 放风筝 聊天 看花 休息; the school/踢足球 打篮球 打乒乓球 唱歌 跳舞 弹钢琴 画画 学习中文 学习英语 学习数学 做作业 看书
the library/看书 学习中文 学习英语 学习数学 做作业 写信 工作; the shop/买东西 工作; the zoo/看动物 拍照 画画 工作; the hospital/看病 工作 帮助病人 休息
the river/游泳 钓鱼 跑步 散步 画画 拍照 洗衣服 看风景 放风筝; the sea/游泳 跑步 散步 拍照 钓鱼 看风景 唱歌; the market/买东西 买菜 工作; the station/等车 聊天 工作
the garden/种花 浇花 看花 画画 喝茶 看书 拍照 聊天 唱歌; the mountain/拍照 看风景 画画 散步 唱歌 休息; the museum/看画 拍照 工作; the cinema/看电影 工作
the restaurant/吃饭 喝茶 聊天 工作; the village/骑自行车 散步 种花 画画 拍照 工作 下棋 聊天
"""
_BY_NAME = {verb.zh: verb for verb in ACTIVITIES + [Verb(zh, _done(zh), *forms) for zh, *forms in _rows(_ERRANDS, 5)]}
ACTIVITIES_AT = {place: [_BY_NAME[name] for name in names.split()] for place, names in _rows(_AT, 2)}
CHORES = [_BY_NAME[name] for name in "打扫房间 洗碗 做饭 洗衣服 做作业 写日记 看电视 听音乐 看书 休息 写信 弹钢琴 学习数学".split()]
