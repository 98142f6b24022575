#!/usr/bin/env python3
"""Plant blocks of our own making into clean documents, and make clean documents that look planted: data to fit and to score the spam stage.

usage: planted.py OUT.jsonl --carriers FILE ... [--count N] [--seed S] [--part fit|held|all] [--clean-only]

FILE is JSON Lines with text, language and kind (gather.py) or plain text of a paragraph a line (also .xz). A record: id, text, language, vocabulary (or the
kind of clean list), form, place, label (planted or clean), spans (character offsets of what was planted), words (planted strings, none of which may be left).
Vocabularies and clean kinds are split in two: `fit` are those that the weights are fitted on, `held` those that they are scored on. Carriers are
split by a hash of their identity. The words are ours: stems and suffixes that combine; counties and cities are real, firms and brands are invented.
"""
import argparse, hashlib, itertools, json, lzma, pathlib, random, re, urllib.parse

W = str.split

COUNTIES = W("""莎车县 响水县 余庆县 永吉县 闻喜县 江山市 开鲁县 蠡县 舒兰市 灵璧县 婺源县 萧县 富民县 新沂市 滑县 靖边县 丹巴县 会泽县 定结县 通山县 临安市 横峰县 资兴市 岳塘区 西昌市 永昌县 银海区
绥江县 长乐市 登封市 贡觉县 当涂县 海沧区 太白县 灵宝市 宁晋县 双流县 肥东县 阜宁县 武义县 福鼎市 枞阳县 平遥县 临洮县 浑源县 商南县 嵩明县 罗平县 石棉县 汶川县 郫都区 金堂县 东台市 兴化市 泗洪县 沭阳县
赣榆区 丰县 沛县 睢宁县 邳州市 溧阳市 扬中市 句容市 靖江市 启东市 海安市 桐庐县 淳安县 建德市 象山县 宁海县 慈溪市 平阳县 苍南县 泰顺县 永嘉县 海盐县 安吉县 德清县 长兴县 诸暨市 嵊州市 浦江县 磐安县 兰溪市
尼木县 曲水县 林周县 墨竹工卡县 那曲市 察隅县 波密县 米林市 朗县 加查县 琼结县 贵德县 共和县 兴海县 同德县 玛沁县 班玛县 都兰县 乌兰县 天峻县 阿克苏市 库车市 沙雅县 新和县 拜城县 乌什县""")
CITIES = W("""郑州 洛阳 开封 南阳 新乡 安阳 商丘 信阳 周口 驻马店 石家庄 保定 唐山 邯郸 沧州 廊坊 太原 大同 临汾 运城 济南 青岛 烟台 潍坊 临沂 菏泽 聊城 德州 滨州 合肥 芜湖 蚌埠 阜阳 安庆 南昌 赣州 九江 上饶 宜春
长沙 株洲 衡阳 岳阳 常德 武汉 襄阳 宜昌 荆州 黄冈 成都 绵阳 德阳 南充 宜宾 贵阳 遵义 昆明 曲靖 西安 咸阳 宝鸡 渭南 兰州 天水 西宁 银川 沈阳 大连 鞍山 长春 吉林 哈尔滨 大庆""")
TRADES = W("""防火涂料 钢结构 彩钢板 活动房 净化工程 环氧地坪 排烟风机 消防管道 不锈钢水箱 玻璃钢化粪池 电缆桥架 护栏网 挡烟垂壁 卷帘门 岩棉板 保温材料 沥青路面 石笼网 塑料托盘 包装机 破碎机 振动筛 输送带
污水处理设备 空压机 冷却塔 叉车租赁 吊车出租 管道疏通 开锁 搬家 保洁 家电维修 空调移机 月嫂 装修 二手车 废铁回收 电缆回收 酒店设备回收 注册公司 代理记账 商标注册 网站建设 小程序开发 无人机航拍 宴会策划""")
TRADE_ENDS = W("厂家 价格 报价 哪家好 多少钱 批发 公司 电话 排名 施工 定做 供应商 直销 安装")
FIRM_WORDS = W("""地暖清洗 舞台灯光 专用车辆 钾肥 浓缩饲料 实验室家具 企业邮箱 电子礼品 搪瓷制品 水泥制品 金银器 工艺品 茶艺 变频机械 电梯 石墨产品 鱼苗 化工废料 马桶疏通 家用玻璃 工程监理 汽车礼品 报警车
缆车 环保绿化 羽绒服装 皮革加工 工程设计 电源电池 五金加工 地板 溜冰 气动工具 系统工程 信息技术 服装店 烟酒店 便利店 建材经营部 货运服务部 口腔门诊部 针织 旅游发展 房产经纪 物流 果蔬种植专业合作社 农家乐""")
FIRM_ENDS = W("有限公司 有限责任公司 股份有限公司 合伙企业 股份公司 厂 经营部 中心")
ODD = "废道伤专洲韩损纪镇能载锋域重挖密份达接易依今寿欢块案泉它拔祖际幸值毛减骨致会身型克斤滨报池缆急队弹供康皮摊等繁亚残状裕泰昌隆腾辉盛元鑫茂宏达瑞祥金诺博雅汇丰嘉禾信远佳明"
BRANDS = W("金玉 宏运 天合 万利 盈丰 九州 星河 亿元 鼎盛 大富 红鹰 飞龙 聚宝 永福 新濠 银座 皇朝 百胜 吉祥 顺发 凯旋 金鼎 天鸿 华彩 喜乐 众发 神州 必赢 乐盈 多宝 彩仙 福满 尊龙 球王 钻石 世纪 摩登 恒耀 杏耀 沐鸣")
LOTTERY = W("彩票 彩票app 彩票官网 彩票平台 app 快三 app下载 登录 登录入口 平台 官网 首页 大厅 下载安装 邀请码 开奖结果 走势图 注册 娱乐 手机版 官方网站 计划 快3 分分彩 客户端 代理 购彩平台 ll lv iv v8 1分快3")
ADULT = W("亚洲 欧美 日韩 国产 精品 一区 二区 三区 在线 观看 免费 视频 高清 无码 中文 字幕 久久 av 成人 影院 午夜 福利 网站 最新 激情 综合 麻豆 专区 不卡 电影 婷婷 伊人 自拍 传媒 人妻 天天 夜夜 大片 播放")
BETTING = W("体育 娱乐城 真人 棋牌 电竞 国际 体育app 官方入口 最新网址 备用网址 官网首页 注册送彩金 电子游艺 百家乐 捕鱼 登录 足球比分 代理加盟 手机版下载 存款 集团 开户 线路检测")
GAMES = W("传奇私服 新开传奇网站 奇迹私服 天龙八部私服 征途外挂 辅助脚本 透视挂 代练平台 账号交易 点券充值 加速器 卡盟 发卡网 自助下单 刷赞 刷粉 刷钻 业务网 卡密 黑科技 主播涨粉 拼多多助力 抖音涨粉 快手双击 空间说说赞")
HEALTH = W("白癜风医院 癫痫病 牛皮癣 不孕不育 包皮手术 无痛人流 痔疮 早泄 阳痿 整形 隆鼻 双眼皮 植发 近视手术 种植牙 尖锐湿疣 腋臭 鼻炎 减肥药 增高药 壮阳药 丰胸 祛斑")
PAPERS = W("办证 刻章 代开发票 增值税发票 学历证书 毕业证 驾驶证 结婚证 房产证 代写论文 论文发表 四六级答案 信用卡套现 花呗提现 黑户贷款 私人借贷 抵押贷款 征信修复 讨债公司 私家侦探 婚外情调查 手机定位 开房记录查询")
HANT_TRADES = W("當舖 借款 機車借款 汽車借款 徵信社 外遇調查 抓猴 清潔公司 搬家公司 水電行 抓漏 防水工程 通水管 冷氣維修 清運 廢棄物 月子中心 植牙 醫美 隆乳 紋繡 外送茶 按摩 娛樂城 百家樂 運彩 老虎機 體驗金 現金版 未上市 代書貸款 支票貼現")
HANT_CITIES = W("台北 新北 板橋 三重 桃園 中壢 新竹 苗栗 台中 豐原 彰化 員林 南投 雲林 嘉義 台南 高雄 鳳山 屏東 基隆 宜蘭 花蓮")
NOVEL = W("总裁 娇妻 重生 穿越 王妃 神医 狂少 都市 女帝 赘婿 战神 萌宝 夫人 修仙 系统 反派 豪门 逆天 无敌 至尊 农门 福女 隐婚 甜宠 离婚后 全文 免费阅读 笔趣阁 txt下载 最新章节 完整版 小说网 大结局 番外")

EN_DRUGS = W("viagra cialis levitra kamagra tramadol xanax ambien modafinil propecia clomid phentermine accutane valtrex zithromax lasix prednisone doxycycline soma")
EN_DRUG_WORDS = ["buy {} online", "cheap {}", "{} without prescription", "generic {}", "order {}", "{} coupon", "{} price", "discount {} online", "{} overnight delivery", "best {} pharmacy", "{} for sale"]
EN_CASINO = W("casino slots poker roulette blackjack baccarat bingo betting jackpot")
EN_CASINO_WORDS = ["online {}", "best {} bonus", "{} no deposit bonus", "free {} spins", "real money {}", "{} sites", "play {} online", "mobile {}", "live {}", "crypto {}", "{} review", "top {} usa"]
EN_SEO = ["essay writing service", "payday loans", "replica watches", "cheap jerseys", "seo backlinks", "buy instagram followers", "escort service", "personal injury lawyer", "locksmith near me", "roof repair",
          "garage door repair", "carpet cleaning", "weight loss pills", "keto gummies", "cbd oil", "vape shop", "forex signals", "bitcoin mixer", "term paper help", "web hosting deals", "used cars", "mattress sale",
          "dental implants", "car insurance quotes", "credit repair", "moving company", "pest control", "water damage restoration"]
EN_TOWNS = W("Houston Dallas Phoenix Denver Austin Tampa Orlando Boston Seattle Portland Memphis Atlanta Chicago Miami Cleveland Tucson Fresno Omaha Tulsa Reno")
ID = ["slot gacor", "slot online", "slot gacor hari ini", "situs slot gacor", "slot dana", "slot777", "slot thailand", "live draw hk", "toto slot", "situs toto", "togel online", "bandar togel", "rtp slot", "scatter hitam",
      "slot deposit pulsa", "judi bola", "agen judi", "sbobet", "maxwin", "slot demo", "mahjong ways", "link alternatif", "daftar slot", "login slot88", "slot qris", "togel hari ini", "data sgp", "result hk", "akun pro", "pola gacor"]
ID_BRANDS = ["{}4D", "{}toto", "{}88", "{}bet", "{}slot", "{}777", "{}jitu"]
ID_STEMS = W("raja naga dewa mega wira bola cuan hoki kaya sultan pan garuda rimba bintang mutiara surya langit harum")
VI = ["nhà cái uy tín", "soi kèo bóng đá", "cá cược thể thao", "xổ số miền bắc", "lô đề online", "nổ hũ đổi thưởng", "bắn cá đổi thưởng", "tài xỉu online", "đá gà trực tiếp", "game bài đổi thưởng", "casino trực tuyến", "kèo nhà cái", "link vào",
      "khuyến mãi nạp đầu", "rút tiền nhanh", "đăng ký nhận thưởng", "tải app", "trang chủ", "đăng nhập", "tỷ lệ kèo", "trực tiếp bóng đá", "dự đoán xsmb", "quay hũ", "xóc đĩa"]
RU = ["онлайн казино", "казино вулкан", "игровые автоматы", "ставки на спорт", "букмекерская контора", "бонус без депозита", "фриспины за регистрацию", "зеркало казино", "купить диплом", "диплом о высшем образовании", "займ онлайн", "займ на карту",
      "кредит без отказа", "виагра купить", "сиалис цена", "эскорт услуги", "слоты на деньги", "рулетка онлайн", "покер рум", "официальный сайт казино", "раскрутка сайта", "накрутка подписчиков", "прогон по сайтам", "дженерики", "вывод из запоя"]
RU_TOWNS = W("Москва Казань Самара Омск Пермь Тула Уфа Тверь Воронеж Ростов Саратов Ижевск")
TH = W("สล็อต สล็อตเว็บตรง บาคาร่า บาคาร่าออนไลน์ คาสิโนออนไลน์ แทงบอล แทงบอลออนไลน์ หวยออนไลน์ เครดิตฟรี ฝากถอนออโต้ สล็อตแตกง่าย เว็บตรงไม่ผ่านเอเย่นต์ ทดลองเล่นสล็อต ยิงปลา รูเล็ต เสือมังกร ไฮโล สมัครสมาชิก ทางเข้า โบนัส100 โปรโมชั่น เว็บพนัน ดูบอลสด")
KO_TOWNS = W("강남 서초 송파 분당 수원 일산 부천 인천 대전 대구 부산 울산 광주 전주 천안 청주 제주 창원 김해 평택")
KO = W("출장안마 출장마사지 오피 카지노 카지노사이트 바카라 바카라사이트 토토사이트 먹튀검증 슬롯사이트 안전놀이터 사설토토 파워볼 홀덤 룸싸롱 가라오케 유흥 대출 소액결제현금화 흥신소 누수탐지 하수구막힘 포장이사 홈타이")
JA = W("オンラインカジノ バカラ必勝法 ブックメーカー 入金不要ボーナス スロット パチスロ ブランドコピー スーパーコピー時計 激安通販 財布コピー N級品 出会い系サイト 人妻デリヘル 無修正動画 アダルト 即日融資 カードローン 闇金 精力剤 バイアグラ通販 痩身サプリ 脱毛サロン 裏技攻略 ルイヴィトン偽物 ロレックスコピー 代引き 送料無料 口コミ")
TR = ["deneme bonusu veren siteler", "canlı casino", "bahis siteleri", "kaçak bahis", "güvenilir bahis", "casino siteleri", "bonus veren siteler", "slot siteleri", "canlı bahis", "iddaa tahminleri", "rulet oyna", "bedava bonus", "yeni giriş", "güncel adres",
      "escort bayan", "escort numaraları", "instagram takipçi", "hacklink", "film izle", "mobil ödeme bahis"]
ES = ["casino en línea", "apuestas deportivas", "tragamonedas gratis", "bono sin depósito", "ruleta online", "casas de apuestas", "póker online", "comprar viagra", "préstamos rápidos", "escorts", "comprar seguidores", "farmacia sin receta", "casino con bitcoin",
      "giros gratis", "casinos online chile", "apuestas mundial", "jugar gratis", "mejor casino", "créditos online", "cialis genérico"]


def odd(rng, n):
    return "".join(rng.choice(ODD) for _ in range(n))


# Each vocabulary: language of its items, and a function that draws one. `fit` or `held` is the part it belongs to.
VOCABULARIES = {
    "lottery": ("zh", "fit", lambda r: r.choice(BRANDS) + r.choice(LOTTERY)),
    "betting": ("zh", "held", lambda r: r.choice(BRANDS) + r.choice(BETTING)),
    "adult": ("zh", "fit", lambda r: "".join(r.sample(ADULT, r.randint(3, 6)))),
    "novels": ("zh", "held", lambda r: "".join(r.sample(NOVEL, r.randint(2, 4)))),
    "firms": ("zh", "fit", lambda r: r.choice(COUNTIES) + odd(r, 2) + r.choice(FIRM_WORDS) + r.choice(FIRM_ENDS)),
    "firms_mixed": ("zh", "held", lambda r: r.choice([r.choice(COUNTIES) + odd(r, 2) + r.choice(FIRM_WORDS) + r.choice(FIRM_ENDS), r.choice(CITIES) + odd(r, 2) + r.choice(FIRM_WORDS) + r.choice(FIRM_ENDS),
                     r.choice(COUNTIES) + r.choice(FIRM_WORDS) + "经营部", f"{r.choice(CITIES)}人才网-{r.choice(CITIES)}招聘网", f"{odd(r, 2)}导航-美食-职场", f"{r.choice(ID_STEMS)}{r.randint(1, 99)}-健康-生活"])),
    "counties": ("zh", "fit", lambda r: r.choice(COUNTIES)),
    "cities": ("zh", "held", lambda r: r.choice(CITIES)),
    "city_trades": ("zh", "fit", lambda r: r.choice(CITIES) + r.choice(TRADES[:10]) + r.choice(TRADE_ENDS)),
    "trades": ("zh", "held", lambda r: r.choice(TRADES) + r.choice(["", r.choice(TRADE_ENDS)])),
    "games": ("zh", "fit", lambda r: r.choice(["", r.choice(BRANDS)]) + r.choice(GAMES)),
    "health": ("zh", "held", lambda r: r.choice(CITIES) + r.choice(HEALTH) + r.choice(["", "医院", "哪家好", "费用", "怎么治"])),
    "papers": ("zh", "fit", lambda r: r.choice(["", r.choice(CITIES)]) + r.choice(PAPERS)),
    "friend": ("zh", "held", lambda r: r.choice([r.choice(CITIES) + r.choice(TRADES), r.choice(BRANDS) + r.choice(LOTTERY), r.choice(TRADES) + r.choice(TRADE_ENDS), r.choice(BRANDS) + r.choice(BETTING), odd(r, 2) + r.choice(FIRM_WORDS)])),
    "hant_trades": ("zh-Hant", "fit", lambda r: r.choice(HANT_CITIES) + r.choice(HANT_TRADES)),
    "hant_shops": ("zh-Hant", "held", lambda r: r.choice(HANT_TRADES) + r.choice(["推薦", "ptt", "價格", "評價", "", "哪裡找"])),
    "en_drugs": ("en", "fit", lambda r: r.choice(EN_DRUG_WORDS).format(r.choice(EN_DRUGS))),
    "en_casino": ("en", "held", lambda r: r.choice(EN_CASINO_WORDS).format(r.choice(EN_CASINO))),
    "en_towns": ("en", "fit", lambda r: f"{r.choice(EN_SEO[8:])} {r.choice(EN_TOWNS)}"),
    "en_seo": ("en", "held", lambda r: r.choice(EN_SEO)),
    "id_slots": ("id", "fit", lambda r: r.choice(ID)),
    "id_brands": ("id", "held", lambda r: r.choice(ID_BRANDS).format(r.choice(ID_STEMS)) if r.random() < .6 else r.choice(ID)),
    "vi": ("vi", "fit", lambda r: r.choice(VI)),
    "ru": ("ru", "fit", lambda r: r.choice(RU)),
    "ru_towns": ("ru", "held", lambda r: f"{r.choice(RU)} {r.choice(RU_TOWNS)}"),
    "th": ("th", "held", lambda r: r.choice(TH)),
    "ko": ("ko", "fit", lambda r: r.choice(KO_TOWNS) + r.choice(KO)),
    "ko_plain": ("ko", "held", lambda r: r.choice(KO)),
    "ja": ("ja", "fit", lambda r: r.choice(JA)),
    "ja_long": ("ja", "held", lambda r: r.choice(JA) + r.choice(JA)),
    "tr": ("tr", "fit", lambda r: r.choice(TR)),
    "es": ("es", "held", lambda r: r.choice(ES)),
}
FORMS = {
    "space": lambda items, r: " ".join(items),
    "wide": lambda items, r: "　".join(items),
    "comma": lambda items, r: ",".join(items),
    "comma_space": lambda items, r: ", ".join(items),
    "full_comma": lambda items, r: "，".join(items),
    "pipe": lambda items, r: "|".join(items),
    "pipe_space": lambda items, r: "| ".join(items) + "|",
    "pipes": lambda items, r: " | ".join(items),
    "underscore": lambda items, r: "_".join(items),
    "lines": lambda items, r: "\n".join(items),
    "lines_apart": lambda items, r: "\n\n".join(items),
    "bullets": lambda items, r: "\n".join("  • " + i for i in items),
    "rows": lambda items, r: "\n".join(" ".join(items[n:n + 12]) for n in range(0, len(items), 12)),
}
# Words of a list in a script of letters cannot be told apart by spaces alone; nobody lays them out so but the worst.
PLACES = ("tail", "tail", "tail", "behind", "behind", "footer", "head", "middle", "labelled")
LABELS = ["友情链接：", "热门搜索：", "主站蜘蛛池模板: ", "相关标签：", "猜你喜欢：", "热门标签:"]
FURNITURE = ["责任编辑：王明", "【纠错】 责任编辑: 周雅", "010020020110000000000000011124101", "+1", "图集", "返回列表", "打印本页", "上一篇：没有了", "分享到：", "(完)", "?", "编辑：李", "来源：本站"]
FOOTERS = ["版权所有 {}网 未经许可不得转载", "Copyright © 2019 {} All Rights Reserved", "{}网 备案号：京B2-2019号", "【纠错】 责任编辑：{}"]


def letters(language):
    return language in ("en", "id", "vi", "ru", "tr", "es")


def items(rng, vocabulary):
    draw = VOCABULARIES[vocabulary][2]
    number = min(int(10 * 2.718 ** rng.expovariate(0.8)), 300)
    if rng.random() < .25:  # a few keywords again and again
        few = [draw(rng) for _ in range(rng.randint(4, 9))]
        if rng.random() < .5:
            return few * max(3, number // len(few))
        return [rng.choice(few) for _ in range(max(16, number))]
    out = [draw(rng) for _ in range(number)]
    if rng.random() < .35 and vocabulary not in ("counties", "cities"):  # lengths of real blocks vary by 0.13 to 0.77 of their mean
        apart = " " if letters(VOCABULARIES[vocabulary][0]) else ""
        out = [item + apart + draw(rng) if rng.random() < .25 else item for item in out]
    if vocabulary in ("counties", "cities"):
        out = list(dict.fromkeys(out)) if len(out) < 120 else out
        out += [i for i in {"counties": COUNTIES, "cities": CITIES}[vocabulary] if i not in out][:max(0, 25 - len(out))]
    return out


def plant(rng, carrier, vocabulary):
    """A polluted document."""
    language = VOCABULARIES[vocabulary][0]
    words = items(rng, vocabulary)
    names = [f for f in FORMS if not (letters(language) and f in ("wide", "full_comma", "rows"))]
    form = rng.choice(names)
    place = rng.choice(PLACES)
    if place == "head" and rng.random() < .5:
        words, form = words[:rng.randint(5, 14)], rng.choice(["comma", "underscore", "comma_space", "pipe"])
    block = FORMS[form](words, rng)
    if place == "behind" and form in ("lines", "lines_apart", "bullets"):
        place = "tail"
    text = carrier["text"].strip("\n")
    paragraphs = text.split("\n")
    if place == "labelled":
        block = rng.choice(LABELS) + ("\n" if rng.random() < .5 or form in ("lines", "lines_apart", "bullets") else "") + block
    before, after = text, ""
    if place == "head":
        before, after = "", text
    elif place == "middle" and len(paragraphs) > 6:
        cut = rng.randint(3, len(paragraphs) - 3)
        before, after = "\n".join(paragraphs[:cut]), "\n".join(paragraphs[cut:])
    elif place == "footer":
        after = rng.choice(FOOTERS).format(odd(rng, 2))
    joint = rng.choice(["\n", "\n\n", "\n\n\n"])
    if place == "behind":
        joint = rng.choice([" ", "", "　"]) if not letters(carrier["language"]) else " "
    if place in ("tail", "footer", "labelled") and rng.random() < .4:  # what stands under an article
        before += "\n" + "\n".join(rng.choice(FURNITURE) for _ in range(rng.randint(1, 3)))
    head = before + (joint if before else "")
    whole = head + block + (("\n" if rng.random() < .5 else "\n\n") + after if after else "")
    return {"text": whole, "language": carrier["language"], "vocabulary": vocabulary, "form": form, "place": place, "label": "planted",
            "spans": [[len(head), len(head) + len(block)]], "words": sorted(set(words))}


# Clean documents that hold, or are, lists. Each takes a generator, a carrier and its paragraphs.
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹"
GIVEN = "明华芳国强丽军敏静伟杰娟涛超霞平刚桂英文玉兰秀珍建海春梅雪婷磊洋艳勇俊晨宇航欣怡思远子涵博诚志宏立新德福寿康"
IDIOMS = W("守望相助 众志成城 春暖花开 风雨同舟 一丝不苟 持之以恒 厚德载物 自强不息 海纳百川 精益求精 同舟共济 勤能补拙 水滴石穿 闻鸡起舞 画龙点睛 守株待兔 亡羊补牢 刻舟求剑 掩耳盗铃 叶公好龙 井底之蛙 狐假虎威 杯弓蛇影 对牛弹琴 胸有成竹 破釜沉舟")
PLANTS = W("银杏 水杉 马尾松 油茶 山核桃 杜仲 厚朴 黄连 天麻 半夏 当归 川芎 白芷 柴胡 丹参 桔梗 党参 黄芪 白术 茯苓 麦冬 枸杞 杭白菊 金银花 夏枯草 鱼腥草 蒲公英 紫苏 薄荷 艾叶 车前草 益母草 淫羊藿 何首乌 玄参 生地黄 牛膝 续断")
SCHOOLS = W("第一中学 第二中学 实验小学 中心小学 职业技术学院 师范学院 农业大学 外国语学校 特殊教育学校 幼儿园 理工大学 医学院 体育运动学校 艺术学校 民族中学")
FILMS = W("渡口 老船工 过河的人 修桥 春天的信 山那边 夜行列车 长街 灯塔 雨季不再来 麦田 归途 邻居 冬至 无人之境 海上花 失落的地图 第七封信 少年时 白桦林 远方的钟声 最后一班船 南方以南 老街故事")
CURRENCIES = W("人民币 美元 欧元 英镑 日元 港元 澳门元 新台币 韩元 泰铢 新加坡元 马来西亚林吉特 印度卢比 印尼盾 菲律宾比索 越南盾 澳大利亚元 新西兰元 加拿大元 墨西哥比索 巴西雷亚尔 阿根廷比索 瑞士法郎 瑞典克朗 挪威克朗 丹麦克朗 俄罗斯卢布 土耳其里拉 南非兰特")
TERMS = W("操作系统 文件系统 进程调度 内存管理 虚拟内存 线程同步 死锁检测 网络协议 路由算法 拥塞控制 传输层 应用层 数据链路 物理层 编译原理 词法分析 语法分析 中间代码 寄存器分配 数据库索引 事务隔离 查询优化 分布式一致性 负载均衡 缓存替换 机器学习 神经网络 梯度下降 卷积层 注意力机制 强化学习 自然语言处理 词向量 语料库")
GODS = W("观音 文昌帝君 关圣帝君 妈祖 城隍 土地公 灶君 财神 药王 龙王 雷公 电母 门神 太上老君 玉皇大帝 东岳大帝 碧霞元君 真武大帝 二郎神 哪吒")
EN_WORDS = W("""parser buffer kernel socket thread vector matrix tensor pointer iterator closure lambda module package registry compiler linker assembler debugger profiler scheduler allocator garbage collector cache index query
transaction schema migration replica shard cluster node leader quorum consensus snapshot journal checkpoint heartbeat timeout retry backoff queue broker topic partition offset consumer producer stream batch window join""")
EN_NAMES = W("Alice Bob Carol David Erin Frank Grace Heidi Ivan Judy Karl Linda Mallory Niaj Olivia Peggy Quentin Rupert Sybil Trent Uma Victor Walter Xenia Yusuf Zoe")
EN_LAST = W("Smith Jones Taylor Brown Wilson Evans Thomas Roberts Walker Wright Green Hall Wood Harris Martin Cooper Hill Ward Clark Baker Young King Moore Allen Scott Adams")
COUNTRIES = W("Albania Algeria Angola Argentina Armenia Australia Austria Bahrain Bangladesh Belarus Belgium Benin Bolivia Botswana Brazil Bulgaria Cambodia Cameroon Canada Chad Chile China Colombia Croatia Cuba Cyprus Denmark Ecuador Egypt Estonia Ethiopia Fiji Finland France")


def person(r):
    return r.choice(SURNAMES) + "".join(r.choice(GIVEN) for _ in range(r.choice([1, 1, 2, 2, 2])))


def own_words(text, r, number):
    """Pieces of the text itself: its keywords."""
    pieces = re.findall(r"[\u4e00-\u9fff]{2,}|[A-Za-z]{4,}", text)
    out = [(p if p.isascii() else (lambda at: p[at:at + r.randint(2, 5)])(r.randrange(max(1, len(p) - 3)))) for p in r.sample(pieces, min(len(pieces), number))]
    return out


def joined(r, words, forms=("space", "comma_space", "pipes", "lines", "wide", "full_comma", "rows", "bullets")):
    return FORMS[r.choice(forms)](words, r)


def under(r, carrier, list_text, intro=None):
    """A carrier with a list after it or within it, introduced by a line or by a sentence that names some of it."""
    paragraphs = carrier["text"].strip("\n").split("\n")
    some = [w for w in re.split(r"[\s|，,•]+", list_text) if w][:40]
    told = "，".join(r.sample(some, min(len(some), 6)))
    if intro:
        apart = "\n" in list_text or not intro.endswith(("：", ":"))
        list_text = intro + r.choice(["\n", "\n\n"] if apart else ["\n", "", "\n\n"]) + list_text
    elif carrier["language"].startswith("zh"):
        paragraphs[-1] += f"其中有{told}等。"
    else:
        paragraphs[-1] += f" Among them are {told}."
    if r.random() < .3 and len(paragraphs) > 6:
        cut = r.randint(3, len(paragraphs) - 3)
        return "\n".join(paragraphs[:cut] + [list_text] + paragraphs[cut:])
    return "\n".join(paragraphs) + r.choice(["\n", "\n\n"]) + list_text


def sample(r, words, low=12, high=60):
    number = r.randint(low, high)
    return r.sample(words, min(number, len(words)))


CLEAN = {
    "volunteers": ("fit", lambda r, c: under(r, c, joined(r, [person(r) for _ in range(r.randint(12, 150))]), r.choice([None, "志愿者名单：", "名单", "获奖名单如下："]))),
    "teams": ("held", lambda r, c: under(r, c, joined(r, [r.choice(CITIES) + r.choice(SCHOOLS) for _ in range(r.randint(12, 60))]), r.choice(["参赛学校：", "获奖单位名单", "入选名单如下："]))),
    "surnames": ("fit", lambda r, c: "\n".join("".join(r.sample(SURNAMES, 4)) + " " + "".join(r.sample(SURNAMES, 4)) for _ in range(r.randint(10, 60)))),
    "idioms": ("held", lambda r, c: under(r, c, joined(r, sample(r, IDIOMS)), r.choice([None, "常用成语", "成语接龙："]))),
    "plants": ("fit", lambda r, c: under(r, c, joined(r, sample(r, PLANTS)), r.choice([None, "药材名录：", "主要树种", "名录"]))),
    "currencies": ("held", lambda r, c: under(r, c, joined(r, [f"{w} {r.uniform(.1, 900):.2f}" for w in sample(r, CURRENCIES)], ("lines", "rows", "space")), r.choice([None, "汇率", "支持的货币："]))),
    "currency_names": ("fit", lambda r, c: under(r, c, joined(r, sample(r, CURRENCIES)), r.choice(["支持的货币：", "币种"]))),
    "films": ("fit", lambda r, c: under(r, c, joined(r, [r.choice(["《{}》", "{} (19" + str(r.randint(50, 99)) + ")", "{}"]).format(f) for f in sample(r, FILMS)]), r.choice([None, "作品年表", "主要作品："]))),
    "matches": ("held", lambda r, c: "\n".join(f"{r.randint(1, 12)}月{r.randint(1, 28)}日 {r.choice(CITIES)}队 {r.randint(0, 4)}:{r.randint(0, 4)} {r.choice(CITIES)}队" for _ in range(r.randint(20, 90)))),
    "match_tail": ("fit", lambda r, c: under(r, c, " ".join(f"20{r.randint(10, 20)}-0{r.randint(1, 9)}-1{r.randint(0, 9)} {r.choice(CITIES)} {r.randint(0, 4)}:{r.randint(0, 4)}" for _ in range(r.randint(12, 40))))),
    "own_counties": ("fit", lambda r, c: (lambda cs: f"本省共辖{len(cs)}个县市，其中{cs[0]}、{cs[1]}、{cs[2]}位于北部，{cs[3]}与{cs[4]}在江边。各县市的人口和面积见下表。北部多山，南部是平原。\n" * r.randint(1, 3) + c["text"][:600] + "\n" + joined(r, cs))(r.sample(COUNTIES, r.randint(20, 50)))),
    "counties_listed": ("held", lambda r, c: under(r, c, joined(r, r.sample(COUNTIES, r.randint(12, 50))), r.choice(["受灾县市：", "试点县名单", "下辖县市区如下：", "覆盖范围："]))),
    "firms_listed": ("fit", lambda r, c: under(r, c, joined(r, [VOCABULARIES["firms"][2](r) for _ in range(r.randint(8, 50))]), r.choice(["中标单位：", "参展企业名单", "抽检不合格企业名单如下：", "获奖企业"]))),
    "keywords": ("fit", lambda r, c: under(r, c, joined(r, own_words(c["text"], r, r.randint(8, 40)), ("space", "comma_space", "pipes", "full_comma")), r.choice([None, "关键词：", "标签："]))),
    "keywords_again": ("held", lambda r, c: joined(r, own_words(c["text"], r, r.randint(5, 20)), ("comma", "underscore", "pipe")) + "\n" + c["text"]),
    "title": ("fit", lambda r, c: "".join(own_words(c["text"], r, 2)) + r.choice(["_", "-", " - ", "|"]) + r.choice(["新闻", "国内", "教程", "博客", "论坛"]) + r.choice(["_", "-", "|"]) + odd(r, 2) + "网\n" + c["text"]),
    "terms": ("fit", lambda r, c: under(r, c, joined(r, sample(r, TERMS)), r.choice([None, "目录", "索引", "术语表："]))),
    "glossary": ("held", lambda r, c: "\n".join(f"{w}\t{r.choice(EN_WORDS)} {r.choice(EN_WORDS)}" for w in r.sample(TERMS, 20))),
    "contents": ("held", lambda r, c: "\n".join(f"第{n}章 {''.join(r.sample(TERMS, 2))}" for n in range(1, r.randint(12, 40))) + "\n" + c["text"]),
    "gods": ("held", lambda r, c: under(r, c, joined(r, sample(r, GODS)), r.choice([None, "供奉神明："]))),
    "song": ("fit", lambda r, c: under(r, c, " ".join(r.sample(["摇吧我的小船", "你在哪里等着我", "让我们一起去吧", "风从海上来", "把灯点亮", "我不会忘记"], 5) * r.randint(3, 9)))),
    "refrain": ("held", lambda r, c: "\n".join(r.choice(["啦啦啦", "山歌好比春江水", "不怕滩险弯又多", "唱山歌来这边唱", "那边和"]) for _ in range(r.randint(12, 60)))),
    "related": ("fit", lambda r, c: under(r, c, "\n".join("".join(own_words(c["other"], r, 5))[:r.randint(9, 24)] + r.choice(["的故事", "为什么这么难", "了", "将于下月举行", "怎么办", "有新规"]) for _ in range(r.randint(8, 20))), r.choice([None, "相关阅读", "推荐文章："]))),
    "headlines": ("held", lambda r, c: under(r, c, "\n\n".join(re.sub(r"[。！？，、；：\s]", "", p)[:r.randint(10, 24)] for p in r.sample(c["other"].split("\n"), min(14, c["other"].count("\n")))))),
    "thanks_en": ("fit", lambda r, c: under(r, c, joined(r, [f"{r.choice(EN_NAMES)} {r.choice(EN_LAST)}" for _ in range(r.randint(10, 120))], ("comma_space", "lines", "bullets", "space")), r.choice([None, "Thanks to:", "Contributors"]))),
    "countries": ("held", lambda r, c: under(r, c, joined(r, sample(r, COUNTRIES, 10, 34), ("comma_space", "lines", "bullets", "space", "pipes")), r.choice([None, "Participating countries:", "Available in"]))),
    "index_en": ("fit", lambda r, c: under(r, c, joined(r, [" ".join(r.sample(EN_WORDS, 2)) for _ in range(r.randint(10, 80))], ("comma_space", "lines", "bullets", "pipes")), r.choice([None, "Index", "See also:", "Keywords:"]))),
    "commands_en": ("held", lambda r, c: under(r, c, joined(r, ["-".join(r.sample(EN_WORDS, 2)) for _ in range(r.randint(10, 80))], ("comma_space", "lines", "bullets", "space")), r.choice([None, "Commands:", "Packages"]))),
    "menu_repeated": ("fit", lambda r, c: under(r, c, "\n".join(r.choice(["展开", "回复", "赞", "举报", "查看更多回复", "楼主", "发表于昨天"]) for _ in range(r.randint(10, 60))))),
    "timetable": ("fit", lambda r, c: under(r, c, " ".join(r.choice(["语文", "数学", "英语", "体育", "音乐", "美术", "自习", "第一节", "周三", "空", "已满", "可约"]) for _ in range(r.randint(16, 90))), r.choice([None, "课程表："]))),
    "chapters": ("fit", lambda r, c: "\n".join(f"{n}.{r.randint(1, 9)} {''.join(r.sample(PLANTS, 2))}" for n in range(1, r.randint(12, 40))) + "\n" + c["text"]),
    "weather": ("held", lambda r, c: under(r, c, " ".join(f"周{r.choice('一二三四五六日')} {r.choice(['晴', '多云', '小雨', '阴转晴'])} {r.choice(['东风', '西北风', '南风'])}" for _ in range(r.randint(10, 40))))),
    "lottery_news": ("fit", lambda r, c: f"昨晚，{r.choice(CITIES)}一位彩民在体育彩票站点买中头奖。记者从彩票中心了解到，这位彩民平时每周买两次彩票，每次不超过二十元。\n“真没想到会中奖。”他说。站点的负责人李女士介绍，站里三年前也出过一次大奖。\n彩票中心提醒，购买彩票要量力而行，不要借钱买彩票，也不要相信网上所谓的彩票预测和彩票计划。未成年人不得购买彩票。\n" + c["text"][:400]),
}


def documents(path):
    opened = lzma.open if path.suffix == ".xz" else open
    with opened(path, "rt", encoding="utf-8") as lines:
        if ".jsonl" in path.name:
            for line in lines:
                if '"prose"' in line:
                    record = json.loads(line)
                    if record["kind"] == "prose":
                        yield record["id"], record["language"], record["text"]
            return
        language = "zh-Hant" if "hant" in path.name else "zh"
        for number in itertools.count():
            some = list(itertools.islice(lines, 25))
            if not some:
                return
            yield f"{path.name}:{number}", language, "".join(some)


def carriers(paths, part, rng, most=1500):
    """Clean documents of sentences, by language."""
    found = {}
    for path in paths:
        for name, language, text in documents(path):
            half = hashlib.sha256(name.encode()).digest()[0] % 2
            # These end in a list of other pages, in English.
            if "libreoffice-help" in name:
                continue
            if part != "all" and half != (part == "held") or not 300 <= len(text) <= 20_000:
                continue
            # Prose: seven tenths of it stand on lines that end a sentence; Thai writes no marks.
            told = sum(len(line) for line in text.split("\n") if len(line) >= 30 and re.search(r"[。！？.!?।]", line))
            if language != "th" and told < 0.7 * len(text):
                continue
            if language in ("zh", "zh-Hant") and len(re.findall(r"[\u4e00-\u9fff]", text)) < 0.6 * len(re.sub(r"\s", "", text)):
                continue
            found.setdefault(language, []).append(text)
    out = {}
    for language, texts in found.items():
        rng.shuffle(texts)
        out[language] = texts[:most]
    return out


def carrier(rng, pool, language):
    language = language if language in pool else "zh"
    texts = pool[language]
    text = rng.choice(texts)
    lines, size = [], rng.choice([300, 600, 1200, 2500, 6000])
    for line in text.split("\n"):
        if sum(map(len, lines)) > size:
            break
        lines.append(line)
    while len(lines) > 3 and lines[-1].rstrip().endswith((":", "：", ",", "，")):
        lines.pop()
    return {"language": language, "text": "\n".join(lines), "other": rng.choice(texts)}


def generate(pool, part, count, rng, clean_only=False):
    vocabularies = [v for v, (_, p, _) in VOCABULARIES.items() if part in (p, "all")]
    kinds = [k for k, (p, _) in CLEAN.items() if part in (p, "all")]
    for number in range(count):
        if not clean_only and number % 2 == 0:
            vocabulary = rng.choice(vocabularies)
            language = VOCABULARIES[vocabulary][0]
            # Half of the blocks stand under a text in their own language; Chinese ones under both scripts; the rest anywhere.
            under_language = language if rng.random() < .6 else rng.choice(["zh", "zh", "zh-Hant", "en", "ja", "de", "fr", "ru"])
            if language == "zh" and rng.random() < .3:
                under_language = "zh-Hant"
            yield {"id": f"planted-{number}", **plant(rng, carrier(rng, pool, under_language), vocabulary)}
        else:
            kind = rng.choice(kinds)
            # Our lists are in Simplified; those made of the text itself stand in either script.
            own = kind in ("keywords", "keywords_again", "related", "headlines")
            language = "en" if kind.endswith("_en") or kind == "countries" else rng.choice(["zh", "zh-Hant"] if own else ["zh"])
            chosen = carrier(rng, pool, language)
            yield {"id": f"clean-{number}", "text": CLEAN[kind][1](rng, chosen), "language": chosen["language"], "vocabulary": kind, "form": "", "place": "", "label": "clean", "spans": [], "words": []}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("out", type=pathlib.Path)
    arguments.add_argument("--carriers", type=pathlib.Path, nargs="+", required=True)
    arguments.add_argument("--count", type=int, default=8000)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--part", choices=["fit", "held", "all"], default="all")
    arguments.add_argument("--clean-only", action="store_true")
    given = arguments.parse_args()
    rng = random.Random(given.seed)
    pool = carriers(given.carriers, given.part, rng)
    with open(given.out, "w", encoding="utf-8") as out:
        for record in generate(pool, given.part, given.count, rng, given.clean_only):
            out.write(json.dumps(record, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
